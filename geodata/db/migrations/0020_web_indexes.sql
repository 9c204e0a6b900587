-- Old idempotency keys and rate windows are dropped by age at each sign-in.

CREATE INDEX idempotency_keys_age ON web.idempotency_keys (created_at);
CREATE INDEX rate_limits_age ON web.rate_limits (window_start);
CREATE INDEX tokens_user ON web.tokens (user_id) WHERE ended_at IS NULL;
