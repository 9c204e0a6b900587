-- Count one hit for each key in its fixed window, atomically; keys in one order against deadlock.
-- Parameters: keys (text[]), window_s (seconds). Returns key, hits so far, seconds to its end.
INSERT INTO web.rate_limits AS r (key, window_start, hits)
SELECT k.key, now(), 1 FROM unnest(%(keys)s::text[]) k (key) ORDER BY k.key
ON CONFLICT (key) DO UPDATE SET
    hits = CASE WHEN r.window_start < now() - make_interval(secs => %(window_s)s)
                THEN 1 ELSE r.hits + 1 END,
    window_start = CASE WHEN r.window_start < now() - make_interval(secs => %(window_s)s)
                        THEN now() ELSE r.window_start END
RETURNING r.key, r.hits,
          ceil(extract(epoch FROM r.window_start - now()) + %(window_s)s)::integer AS left_s
