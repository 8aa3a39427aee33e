-- Autonomy: what each class has earned, who looked at it, and each step up and down with its reason.

set local role triage_owner;

create type triage.level as enum ('off', 'shadow', 'suggest', 'hold', 'auto');
comment on type triage.level is
    'off: for people. shadow: decided for the record. suggest: proposed to the helpdesk''s agent. hold: answered after a while in which it can be stopped. auto: answered, a sample is audited.';

create table triage.autonomy (
    profile text not null check (octet_length(profile) between 1 and 128),
    label   text not null check (octet_length(label) between 1 and 63 and label <> '*'),
    level   triage.level not null,
    since   timestamptz not null default clock_timestamp(),
    primary key (profile, label)
);
comment on table triage.autonomy is 'The level of each class that has one on record. triage.control says the same to the workers.';

create table triage.autonomy_history (
    history_id bigint generated always as identity primary key,
    at         timestamptz not null default clock_timestamp(),
    profile    text not null,
    label      text not null,
    from_level triage.level not null,
    to_level   triage.level not null,
    reason     text not null check (reason ~ '^[a-z_]{1,64}$'),
    text       text not null default '' check (octet_length(text) <= 500),
    actor      text not null,
    owner      text not null default '',
    promise    text not null default '',
    evidence   jsonb not null default '{}' check (jsonb_typeof(evidence) = 'object'),
    incident   text unique check (octet_length(incident) between 1 and 500)
);
create index autonomy_history_class on triage.autonomy_history (profile, label, history_id);
comment on table triage.autonomy_history is 'Each step of a class up or down. Rows are added and never changed.';
comment on column triage.autonomy_history.reason is 'evidence or exception of a step up; promise_broken, drift, override_rate, review_overdue, knowledge_stale or operator of a step down.';
comment on column triage.autonomy_history.incident is 'What a step down answers: the same incident again changes nothing.';
create trigger autonomy_history_is_append_only before update or delete on triage.autonomy_history
    for each row execute function triage.refuse_change();
create trigger autonomy_history_is_not_truncated before truncate on triage.autonomy_history
    for each statement execute function triage.refuse_change();

create table triage.quality_review (
    profile     text not null check (octet_length(profile) between 1 and 128),
    label       text not null check (octet_length(label) between 1 and 63),
    reviewed_at timestamptz not null default clock_timestamp(),
    reviewed_by text not null check (octet_length(reviewed_by) between 1 and 256),
    note        text not null check (octet_length(note) between 1 and 2000),
    primary key (profile, label, reviewed_at)
);
comment on table triage.quality_review is 'Who looked at the quality of a class, when, and what they found.';
create trigger quality_review_is_append_only before update or delete on triage.quality_review
    for each row execute function triage.refuse_change();

-- How far a class falls for what, and what its owner should do.
create table triage.fall (
    reason     text primary key,
    to_level   triage.level not null,
    what_to_do text not null
);
insert into triage.fall (reason, to_level, what_to_do) values
    ('promise_broken', 'suggest', 'calibrate on new labels, then promote'),
    ('drift', 'suggest', 'look at what changed, train and calibrate, then promote'),
    ('override_rate', 'shadow', 'look at what reviewers changed, then promote'),
    ('review_overdue', 'suggest', 'review the quality: triaged autonomy reviewed, then promote'),
    ('knowledge_stale', 'suggest', 'bring the article up to date, then promote'),
    ('operator', 'off', 'see the reason; promote when it is gone');
comment on table triage.fall is 'The most that a class keeps after a step down, per reason.';

-- ---- steps ----

-- Row, history and the record for triage.control together. The message of each step has an id of its own.
create function triage.set_level(p_step triage.autonomy_history) returns void
language plpgsql set search_path = triage, pg_temp as $$
declare
    v_id bigint;
begin
    insert into autonomy as a (profile, label, level) values (p_step.profile, p_step.label, p_step.to_level)
    on conflict (profile, label) do update set level = excluded.level, since = clock_timestamp();
    insert into autonomy_history (profile, label, from_level, to_level, reason, text, actor, owner, promise, evidence, incident)
    values (p_step.profile, p_step.label, p_step.from_level, p_step.to_level, p_step.reason, p_step.text, p_step.actor,
            p_step.owner, p_step.promise, coalesce(p_step.evidence, '{}'), p_step.incident)
    returning history_id into v_id;
    insert into outbox (message_id, kind, key, headers, payload)
    values (format('control/level/%s/%s/%s', p_step.profile, p_step.label, v_id), 'control',
            format('level/%s/%s', p_step.profile, p_step.label), jsonb_build_object('content-type', 'application/json'),
            jsonb_build_object('schema_version', 1, 'type', 'level', 'profile', p_step.profile, 'label', p_step.label,
                               'level', p_step.to_level, 'reason', p_step.reason, 'text', p_step.text, 'by', p_step.actor,
                               'at', utc(clock_timestamp())));
end $$;

-- One step of a class at a time, whoever asks for it.
create function triage.lock_class(p_profile text, p_label text) returns void language sql set search_path = pg_catalog, pg_temp as $$
    select pg_advisory_xact_lock(hashtextextended('triaged.autonomy ' || p_profile || '/' || p_label, 0))
$$;

-- Of a class without a level on record: what its policy lets it begin with.
create function triage.level_of(p_profile text, p_label text, p_begins triage.level) returns triage.level
language sql stable set search_path = triage, pg_temp as $$
    select coalesce((select a.level from autonomy a where a.profile = p_profile and a.label = p_label), p_begins)
$$;

create function triage.promote(p_profile text, p_label text, p_from triage.level, p_to triage.level, p_begins triage.level,
                               p_reason text, p_text text, p_by text, p_owner text, p_promise text, p_evidence jsonb)
returns void language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_step autonomy_history;
    v_now  level;
begin
    perform lock_class(p_profile, p_label);
    v_now := level_of(p_profile, p_label, p_begins);
    if p_reason not in ('evidence', 'exception') or coalesce(p_by, '') = '' then
        perform fail('TR006', 'give the reason evidence or exception, and by whom');
    elsif v_now <> p_from or p_to <= p_from then
        perform fail('TR003', format('look again: class %s is at %s, and the step was from %s to %s', p_label, v_now, p_from, p_to));
    end if;
    v_step.profile := p_profile; v_step.label := p_label; v_step.from_level := p_from; v_step.to_level := p_to;
    v_step.reason := p_reason; v_step.text := coalesce(p_text, ''); v_step.actor := p_by; v_step.owner := coalesce(p_owner, '');
    v_step.promise := coalesce(p_promise, ''); v_step.evidence := p_evidence;
    perform set_level(v_step);
end $$;
comment on function triage.promote is 'A step up, from a level that the class still has. The caller has proved the evidence. TR003, TR006.';

create function triage.demote(p_profile text, p_label text, p_reason text, p_text text, p_evidence jsonb default '{}',
                              p_incident text default null, p_owner text default '', p_by text default 'watch',
                              p_to triage.level default null, p_begins triage.level default 'auto', p_promise text default '')
returns boolean language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_step autonomy_history;
    v_to   level := coalesce(p_to, (select f.to_level from fall f where f.reason = p_reason));
begin
    perform lock_class(p_profile, p_label);
    if v_to is null then
        perform fail('TR006', format('give a reason that is in triage.fall, or a level: %s is none', p_reason));
    elsif coalesce(p_label, '*') = '*' then
        perform fail('TR006', 'name a class: a cap stands for all of them');
    end if;
    v_step.from_level := level_of(p_profile, p_label, p_begins);
    if v_step.from_level <= v_to or exists (select from autonomy_history h where h.incident = p_incident) then
        return false;
    end if;
    v_step.profile := p_profile; v_step.label := p_label; v_step.to_level := v_to; v_step.reason := p_reason;
    v_step.text := left(coalesce(p_text, ''), 400); v_step.actor := p_by; v_step.owner := coalesce(p_owner, '');
    v_step.promise := coalesce(p_promise, ''); v_step.evidence := p_evidence; v_step.incident := p_incident;
    perform set_level(v_step);
    return true;
end $$;
comment on function triage.demote is
    'A step down, once for an incident: row, history and the record for triage.control in one transaction. False: the class is not above that level, or the incident was answered before. p_to null: as triage.fall says. TR006.';

create function triage.quality_reviewed(p_profile text, p_label text, p_by text, p_note text) returns void
language sql security definer set search_path = triage, pg_temp as $$
    insert into quality_review (profile, label, reviewed_by, note) values (p_profile, p_label, p_by, p_note)
$$;

comment on function triage.quality_reviewed is 'Puts on record that somebody looked at the quality of a class, and what they found.';

-- ---- evidence ----

-- What people said of a class since its last step down: every answer to an item of it, and every verdict of an audit. sure:
-- the machine would have gone on without them, so it counts for the override rate. Where it proposed no text, writing one
-- overrides nothing.
create function triage.class_looks(p_profile text, p_label text, p_since timestamptz)
returns table (at timestamptz, sure boolean, overridden boolean, seconds numeric)
language sql stable set search_path = triage, pg_temp as $$
    select r.created_at, coalesce(b.request #> '{decision,reasons}' ? 'confident', false),
           r.outcome in ('relabelled', 'wrong_policy') or (r.outcome = 'rewritten' and b.draft is not null), r.seconds
    from item i join resolution r using (item_id) join item_body b using (item_id)
    where i.profile = p_profile and i.label = p_label and i.origin = 'ticket' and r.state in ('held', 'released')
      and r.created_at > p_since
    union all
    select a.decided_at, true, a.verdict = 'wrong', null
    from audit a where a.profile = p_profile and a.label = p_label and a.verdict in ('right', 'wrong') and a.decided_at > p_since
$$;

create function triage.autonomy_evidence(p_profile text, p_label text, p_window integer, p_begins triage.level,
    out level triage.level, out since timestamptz, out demoted_at timestamptz, out demoted_for text, out demoted_promise text,
    out labels bigint, out looked bigint, out overrides bigint, out share_of_manual double precision,
    out reviewed_days double precision, out reviewed_by text)
language plpgsql stable security definer set search_path = triage, pg_temp as $$
#variable_conflict use_column
begin
    level := level_of(p_profile, p_label, p_begins);
    select a.since into since from autonomy a where a.profile = p_profile and a.label = p_label;
    select h.at, h.reason, h.promise into demoted_at, demoted_for, demoted_promise from autonomy_history h
    where h.profile = p_profile and h.label = p_label and h.to_level < h.from_level order by h.history_id desc limit 1;
    with looks as materialized (
        select l.* from class_looks(p_profile, p_label, coalesce(demoted_at, '-infinity')) l
    ), last_sure as (
        select l.overridden from looks l where l.sure order by l.at desc limit p_window
    )
    select (select count(*) from looks), (select count(*) from last_sure), (select count(*) from last_sure s where s.overridden),
           (select percentile_cont(0.5) within group (order by l.seconds::double precision) from looks l where l.seconds is not null)
               / (select t.manual_seconds from setting t)
    into labels, looked, overrides, share_of_manual;
    select extract(epoch from clock_timestamp() - q.reviewed_at) / 86400, q.reviewed_by into reviewed_days, reviewed_by
    from quality_review q where q.profile = p_profile and q.label in (p_label, '*') order by q.reviewed_at desc limit 1;
end $$;
comment on function triage.autonomy_evidence is
    'What speaks for a step of a class: labels since its last step down; of the last p_window that the machine was sure of, how many people overrode; the median time of an answer beside setting.manual_seconds; days since its last quality review.';

-- ---- alarms ----

create view triage.demotions as
select distinct on (h.profile, h.label) h.profile, h.label, h.from_level, h.to_level, h.reason, h.text, h.owner, h.at, f.what_to_do
from triage.autonomy_history h left join triage.fall f using (reason)
order by h.profile, h.label, h.history_id desc;
comment on view triage.demotions is 'The last step of each class; those of a reason in triage.fall are steps down that nobody has undone.';

-- A broken promise is a step down of the classes that carry the errors. The array is that of before: [{key, value, owner}].
create or replace function triage.raise_alarm(p_profile text, p_promise text, p_scope text, p_at bigint, p_caps jsonb)
returns boolean language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_cap jsonb;
begin
    insert into alarm (profile, promise, scope, at_verdict, detail)
    values (p_profile, p_promise, p_scope, p_at, p_caps) on conflict do nothing;
    if not found then
        return false;
    end if;
    for v_cap in select * from jsonb_array_elements(p_caps) loop
        perform demote(p_profile, v_cap #>> '{value,label}', 'promise_broken', v_cap #>> '{value,text}',
                       jsonb_build_object('promise', p_promise, 'verdict', p_at),
                       format('promise/%s/%s/%s/%s', p_profile, p_promise, p_scope, v_cap #>> '{value,label}'),
                       v_cap ->> 'owner', 'watch', (v_cap #>> '{value,cap}')::level, 'auto', p_promise);
    end loop;
    return true;
end $$;

-- A cap that the watch over drift publishes goes out as it is, and the class falls as well: it has to earn its level again.
create function triage.drift_demotes() returns trigger language plpgsql set search_path = triage, pg_temp as $$
begin
    perform demote(new.payload ->> 'profile', new.payload ->> 'label', 'drift', new.payload ->> 'text', '{}',
                   new.message_id, coalesce(new.payload ->> 'owner', ''), 'watch', (new.payload ->> 'cap')::level);
    return null;
end $$;
create trigger drift_demotes after insert on triage.outbox for each row
    when (new.kind = 'control' and new.payload ->> 'type' = 'cap' and new.payload ->> 'reason' = 'drift'
          and new.payload ->> 'label' <> '*' and new.payload ->> 'cap' in ('off', 'shadow', 'suggest', 'hold'))
    execute function triage.drift_demotes();

-- Whoever is at the lower level still is told until the class steps up again.
do $$
declare
    v_view text := rtrim(pg_get_viewdef('triage.alarms'::regclass, true), '; ');
begin
    execute 'create or replace view triage.alarms as ' || v_view || $v$
        union all
        select 'demoted', 1, 0, format('%s: class %s of %s fell from %s to %s (%s): %s. Owner: %s', d.what_to_do, d.label, d.profile,
                                       d.from_level, d.to_level, d.reason, d.text, d.owner)
        from triage.demotions d where d.to_level < d.from_level and d.reason <> 'operator'$v$;
end $$;

revoke all on function triage.drift_demotes, triage.set_level, triage.lock_class, triage.level_of, triage.promote, triage.demote,
    triage.quality_reviewed, triage.class_looks, triage.autonomy_evidence from public;
grant execute on function triage.demote, triage.autonomy_evidence to triage_relay;
grant execute on function triage.promote, triage.demote, triage.quality_reviewed, triage.autonomy_evidence to triage_migrator;
grant select on triage.autonomy, triage.autonomy_history, triage.quality_review, triage.demotions to triage_auditor, triage_relay;
grant select on triage.autonomy to triage_metrics;

reset role;
