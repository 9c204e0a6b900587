-- A dispatch in one request asks the rules that are kept in memory which card a case has: a change
-- of a card makes them new, as that of a type or a limit does (0062).
CREATE TRIGGER rules_changed AFTER INSERT OR UPDATE OR DELETE ON dispatch.run_cards
    FOR EACH ROW EXECUTE FUNCTION dispatch.rules_changed();
