-- Offers: a case that goes down its ladder by itself until somebody acknowledges it
-- (docs/algorithms/offer.md). One row a case: the ladder it is on now, or was on last.
CREATE TABLE dispatch.offers (
    case_id bigint PRIMARY KEY REFERENCES dispatch.cases,
    state text NOT NULL CHECK (state IN ('running', 'accepted', 'exhausted', 'stopped')),
    begun_by text NOT NULL,
    begun_at timestamptz NOT NULL,
    next_at timestamptz,        -- when whoever is asked has had time enough; NULL: nobody is asked
    ended_at timestamptz,
    shortfall jsonb,            -- why nobody is left: people by cause
    CHECK ((state = 'running') = (ended_at IS NULL)),
    CHECK (next_at IS NULL OR state = 'running'),
    CHECK ((state = 'exhausted') = (shortfall IS NOT NULL))
);
CREATE INDEX offers_running ON dispatch.offers (case_id) WHERE state = 'running';

ALTER TABLE dispatch.offers ENABLE ROW LEVEL SECURITY;
ALTER TABLE dispatch.offers FORCE ROW LEVEL SECURITY;
CREATE POLICY system_all ON dispatch.offers TO ganxin_system USING (true) WITH CHECK (true);
DO $$
BEGIN
    EXECUTE format('CREATE POLICY owner_all ON dispatch.offers TO %I USING (true) WITH CHECK (true)',
                   current_user);
END
$$;
CREATE POLICY offers_scope ON dispatch.offers TO ganxin_app
    USING (EXISTS (SELECT FROM dispatch.cases c WHERE c.id = case_id OFFSET 0)) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON dispatch.offers TO ganxin_app, ganxin_system;

-- Whoever does not answer in time: neither given back nor taken back.
ALTER TABLE dispatch.assignments DROP CONSTRAINT assignments_state_check,
    ADD CONSTRAINT assignments_state_check CHECK (state IN ('assigned', 'acknowledged', 'arrived',
        'done', 'returned', 'undone', 'lapsed'));

-- How long somebody who is asked has to answer is a limit like others.
ALTER TABLE dispatch.limits DROP CONSTRAINT limits_step_check,
    ADD CONSTRAINT limits_step_check CHECK (step IN ('register', 'dispatch', 'answer',
        'acknowledge', 'handle', 'verify', 'close', 'settle'));
