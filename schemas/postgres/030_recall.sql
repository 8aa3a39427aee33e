-- Stale-answer recall: a draft that waits for a person and cites an article that has changed since is checked again.

set local role triage_owner;

-- The list of events grows; whatever earlier files made of it stays.
do $$
declare
    v_check text := (select pg_get_constraintdef(c.oid) from pg_constraint c
                     where c.conrelid = 'triage.history'::regclass and c.conname = 'history_event_check');
begin
    alter table triage.history drop constraint history_event_check;
    execute 'alter table triage.history add constraint history_event_check check ((event = ''rechecked'') or '
            || regexp_replace(regexp_replace(v_check, '^CHECK ', ''), ' NOT VALID$', '') || ') not valid';
end $$;

-- The model's answer as it came is for whoever decides again from Kafka. It may hold words of the ticket: the queue, whose
-- endings repeat the decision, does not need it.
create function triage.drop_recorded() returns trigger language plpgsql set search_path = triage, pg_temp as $$
begin
    new.request := new.request #- '{decision,recorded}';
    return new;
end $$;
create trigger drop_recorded before insert on triage.item_body for each row
    when (new.request #> '{decision,recorded}' is not null) execute function triage.drop_recorded();

-- The version of each article at the time of the draft stands in its context; what it rests on, in its citations.
create function triage.rests_on_older(p_request jsonb, p_versions jsonb) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select exists (
        select from jsonb_array_elements(case jsonb_typeof(p_request #> '{decision,context,articles}')
                                             when 'array' then p_request #> '{decision,context,articles}' else '[]' end) a
        where p_request #> '{decision,draft,citations}' ? (a ->> 'id')
          and p_versions ->> (a ->> 'id') is distinct from a ->> 'hash')
$$;

create function triage.drafts_outdated(p_versions jsonb, p_knowledge text, p_after bigint default 0, p_limit integer default 100)
returns table (item_id bigint, request jsonb, ticket jsonb)
language sql stable security definer set search_path = triage, pg_temp as $$
    select i.item_id, b.request, b.ticket from item i join item_body b using (item_id)
    where i.state in ('open', 'claimed') and i.origin = 'ticket' and i.item_id > p_after and b.draft is not null
      and b.request #>> '{recall,knowledge}' is distinct from p_knowledge
      and rests_on_older(b.request, p_versions)
    order by i.item_id limit least(greatest(p_limit, 0), 1000)
$$;
comment on function triage.drafts_outdated is
    'Waiting items whose draft cites an article in another version than {id: hash} says, and that were not checked against this knowledge yet.';

-- p_finding: what the check found, {articles, unsupported, stands}. p_unsupported: the claims without a source now, null:
-- as before. p_reason: {code, text} for the reviewer, null: none.
create function triage.draft_rechecked(p_item bigint, p_knowledge text, p_finding jsonb, p_unsupported jsonb, p_reason jsonb)
returns boolean language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_item    item;
    v_request jsonb;
begin
    select * into v_item from item i where i.item_id = p_item and i.state in ('open', 'claimed') for update;
    if v_item.item_id is null then
        return false;
    end if;
    select b.request into v_request from item_body b where b.item_id = p_item;
    v_request := v_request || jsonb_build_object('recall', p_finding || jsonb_build_object(
        'knowledge', p_knowledge, 'at', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')));
    if p_unsupported is not null then
        v_request := jsonb_set(v_request, '{decision,draft,unsupported}', p_unsupported);
    end if;
    if p_reason is not null and not coalesce(v_request #> '{decision,reasons}' ? (p_reason ->> 'code'), false) then
        v_request := jsonb_set(v_request, '{reasons}', coalesce(v_request -> 'reasons', '[]') || jsonb_build_array(p_reason));
        if jsonb_array_length(coalesce(v_request #> '{decision,reasons}', '[]')) < 16 then
            v_request := jsonb_set(v_request, '{decision,reasons}',
                                   coalesce(v_request #> '{decision,reasons}', '[]') || jsonb_build_array(p_reason -> 'code'));
        end if;
    end if;
    update item_body set request = v_request where item_id = p_item;
    perform note(p_item, 'rechecked', null, nullif(v_item.claim_no, 0), p_finding);
    -- Who has it open sees the draft as it was, and could accept it: the answer comes too late, and the next look shows it.
    if p_reason is not null and v_item.state = 'claimed' then
        perform expire(p_item, left(p_reason ->> 'text', 200));
    end if;
    return true;
end $$;
comment on function triage.draft_rechecked is
    'Writes down that a waiting draft was checked against changed articles: the finding, the claims without a source, and a reason for the reviewer, whose claim it ends. False: it no longer waits.';

revoke all on function triage.drop_recorded, triage.rests_on_older, triage.drafts_outdated, triage.draft_rechecked from public;
grant execute on function triage.drafts_outdated, triage.draft_rechecked to triage_relay;

reset role;
