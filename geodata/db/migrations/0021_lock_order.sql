-- One order of locks for every step: case, then people, then assignments. A step locked its
-- assignment before the person, and the next journey of somebody just arrived the other way round:
-- an undo of the one and an arrival at the other case of a person could wait for each other.

-- Lock the people whose live assignments of a case a step will move, whoever may see them.
CREATE FUNCTION dispatch.lock_assignees(for_case bigint, in_role text) RETURNS bigint
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, dispatch AS
$$
    SELECT count(*) FROM (
        SELECT p.id FROM dispatch.people p
        WHERE p.id IN (SELECT a.person_id FROM dispatch.assignments a
                       WHERE a.case_id = for_case AND a.live
                         AND (in_role IS NULL OR a.role = in_role))
        ORDER BY p.id
        FOR NO KEY UPDATE) locked
$$;
REVOKE ALL ON FUNCTION dispatch.lock_assignees(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dispatch.lock_assignees(bigint, text) TO ganxin_app, ganxin_system;
