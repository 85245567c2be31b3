"""Whether bytes are a photo of a slip: a JPEG or a PNG by what they hold, whatever they call themselves. Pure."""

from typing import Final

from domain.errors import RuleViolation

LARGEST_PHOTO: Final = 2 * 1024 * 1024
_JPEG_BEGINS, _JPEG_ENDS = b"\xff\xd8\xff", b"\xff\xd9"
_PNG_BEGINS, _PNG_ENDS = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"IEND\xaeB`\x82"
#: Some cameras write a few bytes behind the end.
_BEHIND: Final = 64 * 1024


def photo_type(photo: bytes) -> str:
    """Return the media type of a photo. Raise RuleViolation where it is none, is cut off, or is too large."""
    if len(photo) > LARGEST_PHOTO:
        raise RuleViolation(f"the photo has {len(photo)} bytes; expected at most {LARGEST_PHOTO}")
    for begins, ends, media_type in (
        (_JPEG_BEGINS, _JPEG_ENDS, "image/jpeg"),
        (_PNG_BEGINS, _PNG_ENDS, "image/png"),
    ):
        if photo.startswith(begins):
            if ends not in photo[-_BEHIND:]:
                raise RuleViolation("the photo is cut off: take it again, or send it again")
            return media_type
    raise RuleViolation("the photo is no JPEG and no PNG")
