-- What a person is asked, and what they answered.

set local role triage_owner;

create type triage.item_state as enum ('open', 'claimed', 'held', 'released', 'superseded', 'withdrawn');
comment on type triage.item_state is
    'open: waits. claimed: a reviewer has it. held: answered, can be undone. released: answer published. superseded: a newer revision came. withdrawn: the ticket was withdrawn.';

create type triage.item_origin as enum ('ticket', 'audit', 'second', 'known_answer');
comment on type triage.item_origin is
    'Why the item exists. Only items of origin ticket end in a result; the others end in an audit outcome.';

create type triage.outcome as enum ('accepted', 'edited', 'rewritten', 'relabelled', 'escalated', 'wrong_input',
                                    'wrong_policy');

create type triage.resolution_state as enum ('held', 'released', 'undone', 'superseded');
comment on type triage.resolution_state is
    'held: inside the hold window. released: published. undone: taken back by the reviewer. superseded: dropped, because a newer revision or a withdrawal came first.';

-- One typed row instead of names and strings: a wrong value is refused when it is set.
create table triage.setting (
    only_row     boolean primary key default true check (only_row),
    hold_window  interval not null default '10 seconds' check (hold_window between '0' and '1 day'),
    lease        interval not null default '15 minutes' check (lease between '10 seconds' and '1 day'),
    default_sla  interval not null default '1 day' check (default_sla between '1 minute' and '90 days'),
    skip_rest    interval not null default '1 hour' check (skip_rest between '0' and '7 days'),
    snooze_most  interval not null default '7 days' check (snooze_most between '1 minute' and '90 days'),
    claims_most  integer  not null default 100 check (claims_most between 1 and 10000),
    key_memory   interval not null default '90 days' check (key_memory >= '1 day'),
    source       text     not null default '/triaged' check (source ~ '^/[[:graph:]]+$')
);
comment on table triage.setting is 'The settings of the queue, one row. Changed with UPDATE by the owner or a migrator.';
comment on column triage.setting.hold_window is 'Time between an answer and its publication, in which it can be undone.';
comment on column triage.setting.lease is 'How long a claim lasts without being renewed.';
comment on column triage.setting.default_sla is 'Due time of a request that names none.';
comment on column triage.setting.skip_rest is 'For this long a skipped item is not offered again to whoever skipped it.';
comment on column triage.setting.snooze_most is 'The longest snooze.';
comment on column triage.setting.claims_most is 'Live claims one reviewer may hold.';
comment on column triage.setting.key_memory is 'How long the highest revision of a key is remembered.';
comment on column triage.setting.source is 'Beginning of the ce_source of what the relay publishes; the profile follows.';
insert into triage.setting default values;

-- The hot table is narrow: claim reads and writes nothing else.
create table triage.item (
    item_id       bigint generated always as identity primary key,
    review_id     text not null unique check (octet_length(review_id) between 1 and 1500),
    key           text not null check (octet_length(key) between 1 and 1024),
    revision      bigint not null check (revision between 1 and 9007199254740991),
    profile       text not null default '' check (octet_length(profile) <= 128),
    review_group  text not null default '' check (octet_length(review_group) <= 128),
    label         text not null default '' check (octet_length(label) <= 128),
    risk          text not null default 'medium' check (risk in ('low', 'medium', 'high')),
    state         triage.item_state not null default 'open',
    origin        triage.item_origin not null default 'ticket',
    priority      smallint not null default 50 check (priority between 0 and 100),
    due_at        timestamptz not null check (due_at between '2000-01-01 00:00+00' and '2200-01-01 00:00+00'),
    turn          bigint not null generated always as (
                  floor(extract(epoch from due_at - timestamptz '2000-01-01 00:00:00+00') / 300)::bigint * 128
                  + 100 - priority) stored,
    claim_no      bigint not null default 0 check (claim_no >= 0),
    claimed_by    text check (octet_length(claimed_by) between 1 and 256),
    claimed_until timestamptz,
    snoozed_until timestamptz,
    skipped_by    text[] not null default '{}' check (cardinality(skipped_by) <= 32),
    skipped_until timestamptz,
    held_until    timestamptz,
    created_at    timestamptz not null default clock_timestamp(),
    closed_at     timestamptz,
    constraint item_claim_is_whole check
        (state <> 'claimed' or (claim_no > 0 and claimed_by is not null and claimed_until is not null)),
    constraint item_hold_is_whole check ((state = 'held') = (held_until is not null)),
    constraint item_closed_is_dated check
        ((state in ('released', 'superseded', 'withdrawn')) = (closed_at is not null))
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500,
        autovacuum_analyze_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
comment on table triage.item is 'One question to a person. Narrow and hot; the text is in item_body.';
comment on column triage.item.review_id is 'Id of the review request: the same request twice is one item.';
comment on column triage.item.key is 'Record key of the ticket: tenant/source.system/source.instance/ticket_id.';
comment on column triage.item.turn is
    'Whose turn it is, lower first: the due time in steps of five minutes and, within a step, the priority.';
comment on column triage.item.claim_no is
    'Fencing number: each claim counts it up, and every later call of the claimant must name the current one.';
comment on column triage.item.claimed_by is 'Who claimed it last; kept when the item closes.';
comment on column triage.item.skipped_by is 'Who is not offered it until skipped_until.';
comment on column triage.item.held_until is 'When the answer will be published.';

-- Claim: in order, without a join, over what can be claimed and the few items that are claimed now.
create index item_claim_any on triage.item (turn, item_id) where state in ('open', 'claimed');
create index item_claim_group on triage.item (review_group, turn, item_id) where state in ('open', 'claimed');
create index item_claimed_by on triage.item (claimed_by) where state = 'claimed';
create index item_held on triage.item (held_until) where state = 'held';
create index item_key on triage.item (key, revision);
-- One question per ticket revision, whatever ids the requests carry.
create unique index item_ticket_once on triage.item (key, revision) where origin = 'ticket';

-- An old transaction anywhere in the database keeps the index entries of finished items alive, and all of them lie at
-- the front, where claim begins. So claim begins at a floor below which there was nothing to claim a moment ago.
create table triage.claim_floor (
    scope     text primary key,
    turn      bigint not null,
    item_id   bigint not null,
    raised_at timestamptz not null,
    swept_at  timestamptz not null
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);
comment on table triage.claim_floor is
    'Where claim begins to look: a hint, per group and for any group. What comes back below it is found by the next sweep.';
comment on column triage.claim_floor.scope is 'any, or group: and its name.';
comment on column triage.claim_floor.raised_at is 'When the floor was last moved up from where it was.';
comment on column triage.claim_floor.swept_at is 'When the floor was last found by looking from the very front.';

create table triage.item_body (
    item_id bigint primary key references triage.item on delete cascade,
    request jsonb not null check (jsonb_typeof(request) = 'object'),
    ticket  jsonb,
    draft   text
);
comment on table triage.item_body is 'The wide and cold part of an item: read when a person opens it and when it is published.';
comment on column triage.item_body.request is 'The review request as it came (review.v1), without the ticket.';
comment on column triage.item_body.draft is 'Text of the proposed answer, null when there is none.';

create table triage.key_seen (
    key              text primary key,
    highest_revision bigint not null,
    seen_at          timestamptz not null default clock_timestamp()
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
create index key_seen_at on triage.key_seen (seen_at);
comment on table triage.key_seen is
    'Highest revision that was seen of a key, with or without an item: a request that comes late is closed at once.';

create table triage.history (
    history_id bigint generated always as identity primary key,
    item_id    bigint not null,
    at         timestamptz not null default clock_timestamp(),
    event      text not null check (event in ('enqueued', 'closed_on_arrival', 'claimed', 'expired', 'released', 'skipped',
                                              'snoozed', 'resolved', 'undone', 'published', 'superseded', 'withdrawn')),
    actor      text not null,
    claim_no   bigint,
    detail     jsonb
);
create index history_item on triage.history (item_id, history_id);
comment on table triage.history is 'What happened to each item, and who did it. Rows are added and never changed.';
comment on column triage.history.actor is 'A reviewer, or the database role of the feeder or relay.';

create table triage.resolution (
    resolution_id   bigint generated always as identity primary key,
    item_id         bigint not null references triage.item on delete cascade,
    claim_no        bigint not null check (claim_no > 0),
    idempotency_key text not null check (octet_length(idempotency_key) between 1 and 200),
    reviewer        text not null,
    outcome         triage.outcome not null,
    final_label     text check (octet_length(final_label) <= 128),
    final_text      text check (octet_length(final_text) <= 262144),
    seconds         numeric(9, 1) not null check (seconds between 0 and 86400),
    edit_distance   real check (edit_distance between 0 and 1),
    state           triage.resolution_state not null default 'held',
    asked           jsonb not null,
    held_until      timestamptz not null,
    undone          boolean generated always as (state = 'undone') stored,
    undone_claim_no bigint,
    created_at      timestamptz not null default clock_timestamp(),
    ended_at        timestamptz,
    unique (item_id, idempotency_key)
);
comment on table triage.resolution is 'Answers of people. An item has at most one that is held or released.';
comment on column triage.resolution.claim_no is 'The claim it was made under; it was the current one.';
comment on column triage.resolution.edit_distance is
    'Share of words changed between draft and final text, 0 to 1; null when there was no draft or there is no final text.';
comment on column triage.resolution.asked is 'The content as it was sent: the same key with other content is refused.';
comment on column triage.resolution.undone_claim_no is 'The claim that the reviewer got back by the undo.';
create unique index resolution_one_answer on triage.resolution (item_id) where state in ('held', 'released');

create table triage.time_spent (
    item_id        bigint not null references triage.item on delete cascade,
    claim_no       bigint not null,
    reviewer       text not null,
    active_seconds numeric(9, 1) not null default 0 check (active_seconds >= 0),
    pings          integer not null default 0,
    last_ping_at   timestamptz not null,
    primary key (item_id, claim_no)
);
comment on table triage.time_spent is 'Active seconds per claim, as the renewals told them, never more than passed on the server clock.';

create function triage.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception using errcode = 'TR040',
        message = format('add a row instead: %s.%s is append-only', tg_table_schema, tg_table_name);
end $$;
create trigger history_is_append_only before update or delete on triage.history
    for each row execute function triage.refuse_change();
create trigger history_is_not_truncated before truncate on triage.history
    for each statement execute function triage.refuse_change();

reset role;
