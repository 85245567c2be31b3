"""What is typed about a decision, and what it means."""

from datetime import date

from pydantic import BaseModel

from domain.case import CaseDecision, CaseOutcome
from domain.errors import FieldRefused
from domain.publicity import PenaltyKind, PublicityField
from domain.units import Fen
from web.complaint_forms import fen_of
from web.price_scopes import optional_day


class TypedDecision(BaseModel):
    """The form as it was typed: it comes back as it was where it is refused."""

    outcome: CaseOutcome = CaseOutcome.PENALISED
    document_no: str = ""
    authority: str = ""
    decided_on: str = ""
    delivered_on: str = ""
    decision: str = ""
    basis_code: str = ""
    basis: str = ""
    basis_reason: str = ""
    kind: PenaltyKind = PenaltyKind.UNSTATED
    field: PublicityField = PublicityField.GENERAL
    is_simple: bool = False
    amount: str = ""
    together_with: str = ""
    revision: int | None = None

    def understood(self) -> CaseDecision:
        """Return the decision. Raise RuleViolation (FieldRefused) for a day or amount that is none."""
        return CaseDecision(
            outcome=self.outcome,
            document_no=self.document_no.strip(),
            authority=self.authority.strip(),
            decided_on=self._day(),
            delivered_on=optional_day(self.delivered_on),
            decision=self.decision.strip(),
            basis_code=self.basis_code.strip(),
            basis=self.basis.strip(),
            basis_reason=self.basis_reason.strip() if not self.basis_code.strip() else "",
            kind=self.kind,
            field=self.field,
            is_simple=self.is_simple,
            amount_fen=self._amount(),
            together_with=self.together_with.strip() or None,
        )

    def _day(self) -> date:
        day = optional_day(self.decided_on)
        if day is None:
            raise FieldRefused("decided_on", "", "the day of the decision", problem="missing")
        return day

    def _amount(self) -> Fen | None:
        if not self.amount.strip():
            return None
        amount = fen_of(self.amount)
        if amount is None:
            raise FieldRefused("amount", repr(self.amount), "yuan, as 5000.00", problem="not_an_amount")
        return amount
