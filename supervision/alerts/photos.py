"""A photo as it is kept: looked at, drawn anew and encoded as JPEG, with nothing the camera wrote beside the picture.

EXIF, XMP and comments of a phone tell a place, a device and sometimes a name; whoever photographs a stall did not mean
to file them (个人信息保护法 §6: no more than is needed). What hides behind the picture goes with them.
"""

import hashlib
import io
import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from PIL import ExifTags, Image, ImageCms, UnidentifiedImageError

from domain.errors import FieldRefused
from supervision.policy import PhotoPolicy

_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_WHITE: Final = (255, 255, 255)


class PhotoProblem(StrEnum):
    """Why bytes are not taken as a photo."""

    TOO_LARGE = "photo_too_large"
    NO_PHOTO = "no_photo"
    CUT_OFF = "photo_cut_off"
    TOO_MANY_PIXELS = "photo_too_many_pixels"
    TOO_MANY = "too_many_photos"


#: What sets a picture upright, by the value of the tag.
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Photo:
    """JPEG, and a small one for lists. Lengths in pixels; `sha256` is of `content`."""

    content: bytes
    thumbnail: bytes
    width: int
    height: int
    sha256: bytes


def re_encoded(raw: bytes, policy: PhotoPolicy) -> Photo:
    """Return a JPEG, PNG or WebP as it is kept: upright, in sRGB, no side longer than the policy's.

    Raise FieldRefused for what is too large, no such photo, or cut off. A picture that says it is larger than
    `most_pixels` is refused before any of it is decoded.
    """
    if len(raw) > policy.largest_bytes:
        expected = f"at most {policy.largest_bytes} bytes"
        raise _refused(f"{len(raw)} bytes large", expected, PhotoProblem.TOO_LARGE)
    picture = _drawn(raw, policy)
    small = picture.copy()
    small.thumbnail((policy.thumbnail_side, policy.thumbnail_side), Image.Resampling.LANCZOS)
    content = _jpeg(picture, policy.jpeg_quality)
    return Photo(
        content=content,
        thumbnail=_jpeg(small, policy.jpeg_quality),
        width=picture.width,
        height=picture.height,
        sha256=hashlib.sha256(content).digest(),
    )


def _drawn(raw: bytes, policy: PhotoPolicy) -> Image.Image:
    try:
        with Image.open(io.BytesIO(raw), formats=_FORMATS) as opened:
            if opened.width * opened.height > policy.most_pixels:
                expected = f"at most {policy.most_pixels} pixels"
                raise _refused(f"{opened.width} × {opened.height} pixels", expected, PhotoProblem.TOO_MANY_PIXELS)
            # A JPEG is decoded no larger than it is needed.
            opened.draft("RGB", (policy.longest_side, policy.longest_side))
            if opened.format != "JPEG" and opened.width * opened.height > policy.most_pixels_whole:
                expected = f"at most {policy.most_pixels_whole} pixels for a picture that is no JPEG"
                raise _refused(f"{opened.width} × {opened.height} pixels", expected, PhotoProblem.TOO_MANY_PIXELS)
            opened.load()
            upright = _upright(_in_srgb(opened), _orientation(opened))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        expected = f"at most {policy.most_pixels} pixels"
        raise _refused(f"far too large ({error})", expected, PhotoProblem.TOO_MANY_PIXELS) from None
    except UnidentifiedImageError:
        raise _refused("no picture", "a photo as JPEG, PNG or WebP", PhotoProblem.NO_PHOTO) from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        # What Pillow raises on pictures that end early or break off in the middle.
        found = f"broken off ({error})"
        raise _refused(found, "a whole photo: send it again", PhotoProblem.CUT_OFF) from None
    upright.thumbnail((policy.longest_side, policy.longest_side), Image.Resampling.LANCZOS)
    # Only the pixels: whatever the picture carried beside them stays behind.
    clean = Image.new("RGB", upright.size, _WHITE)
    clean.paste(upright, mask=upright.getchannel("A") if upright.mode == "RGBA" else None)
    return clean


def _orientation(picture: Image.Image) -> int:
    """Return how the camera was held (Exif 2.3, tag 274); 1, upright, where that is not said or cannot be read."""
    try:
        value = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except (struct.error, TypeError, KeyError, SyntaxError, ValueError, OSError):
        # What Pillow raises on notes that are damaged: the picture beside them is whole.
        return 1
    return value if isinstance(value, int) else 1


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    turned = _TURNS.get(orientation)
    return picture if turned is None else picture.transpose(turned)


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Return a picture in the colours every screen means; its own profile is not kept."""
    profile = picture.info.get("icc_profile")
    is_transparent = picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info
    plain = picture.convert("RGBA" if is_transparent else "RGB")
    if not profile or is_transparent:
        return plain
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(plain, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return plain  # a profile nobody can read: the numbers are taken as they are
    return plain if turned is None else turned


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=quality, optimize=True, progressive=True)
    return written.getvalue()


def _refused(found: str, expected: str, problem: PhotoProblem) -> FieldRefused:
    return FieldRefused("photo", found, expected, problem=problem)
