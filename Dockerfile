# Built in one stage, run in another: the image has no compiler, no source tree and no package cache.
FROM python:3.11.15-slim-bookworm AS build

WORKDIR /build
RUN python -m venv /opt/steelyard
ENV PATH=/opt/steelyard/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1

# First what changes seldom: every dependency, by the hash in the lock.
COPY requirements/run.lock requirements/run.lock
RUN pip install --require-hashes -r requirements/run.lock

COPY . .
RUN pip install --no-deps --no-build-isolation .


FROM python:3.11.15-slim-bookworm

# A fixed number, so that a volume's owner is the same on every machine.
RUN groupadd --system --gid 10001 steelyard \
    && useradd --system --uid 10001 --gid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin steelyard

COPY --from=build /opt/steelyard /opt/steelyard
ENV PATH=/opt/steelyard/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp

USER 10001:10001
WORKDIR /tmp
ENTRYPOINT ["steelyard"]
