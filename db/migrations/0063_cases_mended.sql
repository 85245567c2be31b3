-- Cases: which alerts carry a document is asked with each decision that is published or revoked.

CREATE INDEX alert_steps_of_document ON alert_steps (penalty_authority, penalty_document_no)
    WHERE action = 'record_penalty';
