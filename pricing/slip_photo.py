"""Whether bytes are a photo of a slip: a JPEG or a PNG by what they hold, whatever they call themselves. Pure."""

from typing import Final

from domain.errors import RuleViolation
from domain.purchase import SlipProblem

LARGEST_PHOTO: Final = 2 * 1024 * 1024
_JPEG_BEGINS, _JPEG_ENDS = b"\xff\xd8\xff", b"\xff\xd9"
_PNG_BEGINS, _PNG_ENDS = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"IEND\xaeB`\x82"
#: Some cameras write a few bytes behind the end.
_BEHIND: Final = 64 * 1024


class BadPhoto(RuleViolation):
    """Bytes that are no photo of a slip."""

    problem: SlipProblem

    def __init__(self, problem: SlipProblem) -> None:
        super().__init__(_SAID[problem])
        self.problem = problem


_SAID: Final = {
    SlipProblem.NO_PHOTO: "the photo is no JPEG and no PNG",
    SlipProblem.PHOTO_CUT_OFF: "the photo is cut off: take it again, or send it again",
    SlipProblem.PHOTO_TOO_LARGE: f"the photo is too large; expected at most {LARGEST_PHOTO} bytes",
}


def photo_type(photo: bytes) -> str:
    """Return the media type of a photo. Raise BadPhoto where it is none, is cut off, or is too large."""
    if len(photo) > LARGEST_PHOTO:
        raise BadPhoto(SlipProblem.PHOTO_TOO_LARGE)
    for begins, ends, media_type in (
        (_JPEG_BEGINS, _JPEG_ENDS, "image/jpeg"),
        (_PNG_BEGINS, _PNG_ENDS, "image/png"),
    ):
        if photo.startswith(begins):
            if ends not in photo[-_BEHIND:]:
                raise BadPhoto(SlipProblem.PHOTO_CUT_OFF)
            return media_type
    raise BadPhoto(SlipProblem.NO_PHOTO)
