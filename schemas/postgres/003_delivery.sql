-- Where the feeder stands, and what the relay has to publish.

set local role triage_owner;

create table triage.feeder_position (
    cluster_id  text not null,
    topic       text not null,
    partition   integer not null check (partition >= 0),
    next_offset bigint not null check (next_offset >= 0),
    moved_at    timestamptz not null default clock_timestamp(),
    primary key (cluster_id, topic, partition)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);
comment on table triage.feeder_position is
    'Where the feeder resumes. Moves in the transaction that writes the records before it, and only from the value that this feeder last read or wrote.';

create table triage.feed_refused (
    refused_id  bigint generated always as identity primary key,
    cluster_id  text not null,
    topic       text not null,
    partition   integer not null,
    next_offset bigint not null,
    reason      text not null,
    record      jsonb not null,
    refused_at  timestamptz not null default clock_timestamp()
);
comment on table triage.feed_refused is
    'Records of the review topic that the queue could not use. Kept so that nothing is silent and no partition gets stuck; any row is an alarm.';
comment on column triage.feed_refused.next_offset is 'The batch that held it ended before this offset.';

create table triage.outbox (
    outbox_id   bigint generated always as identity primary key,
    sequence_no bigint unique check (sequence_no > 0),
    message_id  text not null unique,
    kind        text not null check (kind in ('result', 'audit')),
    key         text not null,
    headers     jsonb not null check (jsonb_typeof(headers) = 'object'),
    payload     jsonb not null check (jsonb_typeof(payload) = 'object'),
    created_at  timestamptz not null default clock_timestamp()
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500);
comment on table triage.outbox is 'Messages for the relay, complete: it adds nothing to them.';
comment on column triage.outbox.sequence_no is
    'Given by the relay after the row is visible, so a transaction that commits late is never skipped. Without gaps.';
comment on column triage.outbox.message_id is 'The id inside the payload. No id is published twice.';
comment on column triage.outbox.kind is 'Names the topic: result or audit.';
create index outbox_unsequenced on triage.outbox (outbox_id) where sequence_no is null;

create table triage.outbox_position (
    only_row        boolean primary key default true check (only_row),
    last_sequence   bigint not null default 0 check (last_sequence >= 0),
    published       bigint check (published between 0 and last_sequence),
    published_at    timestamptz
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);
comment on table triage.outbox_position is 'One row. The numbers survive the trimming of the outbox.';
comment on column triage.outbox_position.last_sequence is 'The last number given.';
comment on column triage.outbox_position.published is
    'The last number the relay reported as published; null until it first did. Kafka holds the truth; this tells that Kafka must hold one.';
insert into triage.outbox_position default values;

reset role;
