"""What of a vendor's name and papers anybody may read.

个人信息保护法, articles 4 and 6: a company is no person, and is told by its name and its 统一社会信用代码. Of an
individual (个体工商户), and of a vendor of whom nobody registered which it is, the number is masked, and so is the
person's own name wherever it stands in what is told of them.
"""

from typing import Final

from domain.register.personal import PersonalField, mask
from domain.register.records import VendorIdentity, VendorKind

#: A single character is in too many words to be taken for somebody's name.
_SHORTEST_NAME: Final = 2


def is_person(identity: VendorIdentity) -> bool:
    """Say whether the vendor is, or may be, a person."""
    return identity.kind is not VendorKind.COMPANY


def public_words(text: str, identity: VendorIdentity) -> str:
    """Return a text about a vendor with the name of the person behind it masked: 王小明海鲜档 → 王**海鲜档."""
    person = identity.legal_representative.strip()
    if not is_person(identity) or len(person) < _SHORTEST_NAME:
        return text
    return text.replace(person, mask(PersonalField.LEGAL_REPRESENTATIVE, person))


def public_name(identity: VendorIdentity) -> str:
    """Return the name that a vendor is told by in public."""
    return public_words(identity.name, identity)


def public_licence(identity: VendorIdentity) -> str:
    """Return the number a vendor's licence goes by in public; empty where none is registered."""
    number = identity.credit_code or identity.licence_no
    return mask(PersonalField.LICENCE_NO, number) if is_person(identity) else number
