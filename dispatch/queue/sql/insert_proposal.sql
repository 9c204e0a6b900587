-- Purpose: write a proposal for the whole queue without its lines.
-- Parameters: made_at, made_by, areas (codes of the scope), waiting, people (counts), together,
-- one_by_one (tallies: cost, road_s seconds, left, late), solve_s (seconds).
INSERT INTO dispatch.proposals (made_at, made_by, areas, waiting, people, together, one_by_one,
    solve_s)
VALUES (%(made_at)s, %(made_by)s, %(areas)s, %(waiting)s, %(people)s, %(together)s,
    %(one_by_one)s, %(solve_s)s)
RETURNING id
