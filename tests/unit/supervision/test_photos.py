"""What is kept of a photo, and what is not taken as one."""

import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from PIL import Image, ImageCms, ImageOps, PngImagePlugin

from domain.errors import FieldRefused
from supervision.alerts.photos import PhotoProblem, re_encoded
from tests.alert_acts import POLICIES

POLICY = POLICIES.supervision.photo
SECRET = b"SECRET-18.2528N-109.5119E"
_ORIENTATION, _MAKE, _GPS = 0x0112, 0x010F, 0x8825


def picture(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """Left half red, right half blue."""
    drawn = Image.new(mode, (width, height), (255, 0, 0) if mode == "RGB" else (255, 0, 0, 255))
    drawn.paste((0, 0, 255) if mode == "RGB" else (0, 0, 255, 255), (width // 2, 0, width, height))
    return drawn


def jpeg(drawn: Image.Image, **said: object) -> bytes:
    written = io.BytesIO()
    drawn.save(written, "JPEG", **said)
    return written.getvalue()


def read(content: bytes) -> Image.Image:
    opened = Image.open(io.BytesIO(content))
    opened.load()
    return opened


def refused(raw: bytes) -> str:
    with pytest.raises(FieldRefused) as caught:
        re_encoded(raw, POLICY)
    return caught.value.problem


def test_nothing_the_camera_wrote_beside_the_picture_is_kept() -> None:
    exif = Image.Exif()
    exif[_MAKE] = SECRET.decode()
    exif.get_ifd(_GPS)[1] = SECRET.decode()
    raw = jpeg(picture(), exif=exif.tobytes(), comment=SECRET) + b"\xff\xd9" + SECRET
    assert raw.count(SECRET) >= 3
    kept = re_encoded(raw, POLICY)
    for content in (kept.content, kept.thumbnail):
        assert SECRET not in content
        assert not read(content).getexif()
        assert "comment" not in read(content).info


def test_a_pngs_texts_go_too_and_what_was_transparent_is_white() -> None:
    said = PngImagePlugin.PngInfo()
    said.add_text("Comment", SECRET.decode())
    drawn = Image.new("RGBA", (10, 10), (0, 0, 0, 0))
    written = io.BytesIO()
    drawn.save(written, "PNG", pnginfo=said)
    assert SECRET in written.getvalue()
    kept = re_encoded(written.getvalue(), POLICY)
    assert SECRET not in kept.content
    assert read(kept.content).getpixel((5, 5)) == (255, 255, 255)


def test_a_photo_stands_upright() -> None:
    exif = Image.Exif()
    exif[_ORIENTATION] = 6  # held upright: turned a quarter when it is shown
    kept = re_encoded(jpeg(picture(64, 48), exif=exif.tobytes()), POLICY)
    assert (kept.width, kept.height) == (48, 64)
    top = read(kept.content).getpixel((24, 4))
    assert isinstance(top, tuple)
    assert top[0] > 200 > top[2]


@pytest.mark.parametrize("turn", range(2, 9))
def test_every_way_a_camera_is_held_is_undone(turn: int) -> None:
    exif = Image.Exif()
    exif[_ORIENTATION] = turn
    raw = jpeg(picture(64, 48), exif=exif.tobytes())
    kept = read(re_encoded(raw, POLICY).content)
    meant = ImageOps.exif_transpose(read(raw))
    assert kept.size == meant.size
    width, height = kept.size
    for place in ((4, 4), (width - 4, 4), (4, height - 4), (width - 4, height - 4)):
        ours, theirs = kept.getpixel(place), meant.getpixel(place)
        assert isinstance(ours, tuple)
        assert isinstance(theirs, tuple)
        assert max(abs(one - other) for one, other in zip(ours, theirs, strict=True)) < 30


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_damaged_notes_of_a_camera_cost_no_photo(form: str) -> None:
    written = io.BytesIO()
    picture().save(written, form, exif=b"Exif\0\0II*\0")
    assert re_encoded(written.getvalue(), POLICY).width == 64


def test_a_large_picture_that_is_no_jpeg_is_refused_before_it_takes_its_memory() -> None:
    written = io.BytesIO()
    Image.new("P", (4001, 4000)).save(written, "PNG")
    assert len(written.getvalue()) < 20_000
    assert refused(written.getvalue()) == PhotoProblem.TOO_MANY_PIXELS


def test_a_large_photo_is_made_smaller_and_a_small_one_is_left() -> None:
    kept = re_encoded(jpeg(picture(6000, 3000)), POLICY)
    assert (kept.width, kept.height) == (2048, 1024)
    assert read(kept.thumbnail).size == (320, 160)
    assert re_encoded(jpeg(picture(64, 48)), POLICY).width == 64


def test_its_colours_are_those_every_screen_means() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    kept = re_encoded(jpeg(picture(), icc_profile=profile), POLICY)
    assert "icc_profile" not in read(kept.content).info
    assert re_encoded(jpeg(picture(), icc_profile=b"no profile"), POLICY).width == 64


def test_the_same_photo_is_the_same_photo() -> None:
    raw = jpeg(picture())
    assert re_encoded(raw, POLICY).sha256 == re_encoded(raw, POLICY).sha256


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_what_phones_send_is_taken_and_what_is_cut_off_is_not(form: str) -> None:
    noisy = Image.effect_noise((400, 300), 80).convert("RGB")
    written = io.BytesIO()
    noisy.save(written, form)
    raw = written.getvalue()
    assert re_encoded(raw, POLICY).width == 400
    assert refused(raw[: len(raw) // 2]) == PhotoProblem.CUT_OFF


@pytest.mark.parametrize(
    "raw",
    [b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a" + bytes(40), b"%PDF-1.7", b"\xff\xd8\xff"],
)
def test_what_is_no_photo_is_refused(raw: bytes) -> None:
    assert refused(raw) in {PhotoProblem.NO_PHOTO, PhotoProblem.CUT_OFF}


def test_a_gif_is_none_although_it_is_a_picture() -> None:
    written = io.BytesIO()
    picture().save(written, "GIF")
    assert refused(written.getvalue()) == PhotoProblem.NO_PHOTO


def test_too_many_bytes_and_a_picture_that_says_it_is_huge_are_refused_before_they_are_drawn() -> None:
    assert refused(bytes(POLICY.largest_bytes + 1)) == PhotoProblem.TOO_LARGE
    assert refused(_huge_png()) == PhotoProblem.TOO_MANY_PIXELS
    one_too_many = replace(POLICY, most_pixels=64 * 48 - 1)
    with pytest.raises(FieldRefused, match="64 × 48 pixels; expected at most 3071 pixels"):
        re_encoded(jpeg(picture(64, 48)), one_too_many)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_whatever_comes_is_a_photo_or_is_refused(data: st.DataObject) -> None:
    raw = bytearray(jpeg(picture()))
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        kept = re_encoded(bytes(raw), POLICY)
    except FieldRefused as error:
        assert error.problem in set(PhotoProblem)
    else:
        assert read(kept.content).size == (kept.width, kept.height)


def _huge_png() -> bytes:
    """A few bytes that say they are 30 000 × 30 000 pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
