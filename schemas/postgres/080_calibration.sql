-- Calibration on audits of the last thirty days: what an earlier classifier got wrong must not speak against the one in force
-- for ever, and an alarm over it must be able to end.

set local role triage_owner;

create or replace view triage.calibration as
select a.profile, b.bin, count(*) as audits, avg(a.confidence) as stated,
       avg((a.verdict = 'right')::integer)::double precision as right
from triage.audit a, lateral (select least(floor(a.confidence * 10), 9)::integer as bin) b
where a.verdict in ('right', 'wrong') and a.confidence is not null and a.decided_at > clock_timestamp() - interval '30 days'
group by a.profile, b.bin;
comment on view triage.calibration is
    'Audits of the last thirty days by the confidence that was stated, in tenths: what was stated on average, and what share was right.';

reset role;
