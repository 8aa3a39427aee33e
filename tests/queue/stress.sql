-- The clients of stress.sh. Each step commits by itself, as a real client's call does.

-- What each reviewer was told, written in the transaction of the call.
create table t.attempt (
    attempt_id bigint generated always as identity, reviewer text, what text, item_id bigint, claim_no bigint, told text);

create procedure t.fill(p_n integer) language plpgsql as $$
begin
    for i in 1 .. p_n loop
        perform t.feed(t.request('k' || i, 1, jsonb_build_object('priority', i % 100, 'sla_minutes', 1 + i % 600)));
    end loop;
    update triage.setting set hold_window = '0.4 seconds', skip_rest = '0.5 seconds', claims_most = 10000;
end $$;

create function t.told(p_call text) returns text language plpgsql as $$
declare
    v_told text;
begin
    execute p_call into v_told;
    return coalesce(v_told, 'done');
exception when others then
    if sqlstate not like 'TR%' then raise; end if;
    return sqlstate;
end $$;

create procedure t.step(p_who text, p_what text, p_item bigint, p_claim_no bigint, p_call text) language plpgsql as $$
begin
    insert into t.attempt (reviewer, what, item_id, claim_no, told)
    values (p_who, p_what, p_item, p_claim_no, t.told(p_call));
    commit;
end $$;

create procedure t.reviewer(p_who text, p_seconds numeric) language plpgsql as $$
declare
    v_end   timestamptz := clock_timestamp() + p_seconds * interval '1 second';
    v_items bigint[];
    v_nos   bigint[];
    v_dice  double precision;
    v_key   text;
begin
    while clock_timestamp() < v_end loop
        select array_agg(c.item_id), array_agg(c.claim_no) into v_items, v_nos
        from triage.claim(p_who, 1 + (random() * 3)::integer, null, '1 second') c;
        commit;
        if v_items is null then perform pg_sleep(0.05); end if;
        for i in 1 .. coalesce(cardinality(v_items), 0) loop
            v_dice := random();
            v_key := p_who || '-' || v_items[i] || '-' || v_nos[i];
            -- slow ones work past the end of their claim, some dead ones never answer
            if v_dice < 0.2 then perform pg_sleep(1.1 + random()); commit; elsif v_dice < 0.25 then continue;
            else perform pg_sleep(random() * 0.02); commit; end if;
            v_dice := random();
            if v_dice < 0.1 then
                call t.step(p_who, 'release', v_items[i], v_nos[i], format('select triage.release(%s, %s)::text', v_items[i], v_nos[i]));
            elsif v_dice < 0.2 then
                call t.step(p_who, 'skip', v_items[i], v_nos[i], format('select triage.skip(%s, %s, %L)::text', v_items[i], v_nos[i], 'no'));
            elsif v_dice < 0.3 then
                call t.step(p_who, 'snooze', v_items[i], v_nos[i],
                    format('select triage.snooze(%s, %s, clock_timestamp() + %L)::text', v_items[i], v_nos[i], '0.3 seconds'));
            elsif v_dice < 0.4 then
                call t.step(p_who, 'renew', v_items[i], v_nos[i], format('select triage.renew(%s, %s, 1, %L)::text', v_items[i], v_nos[i], '1 second'));
            end if;
            call t.step(p_who, 'resolve', v_items[i], v_nos[i],
                format('select state::text from triage.resolve(%s, %s, %L, %L, null, %L)', v_items[i], v_nos[i], v_key, 'edited', v_key));
            if random() < 0.2 then -- a double click
                call t.step(p_who, 'repeat', v_items[i], v_nos[i],
                    format('select state::text from triage.resolve(%s, %s, %L, %L, null, %L)', v_items[i], v_nos[i], v_key, 'edited', v_key));
            end if;
            if random() < 0.35 then
                perform pg_sleep(2 * random() * (select extract(epoch from hold_window) from triage.setting)); commit;
                call t.step(p_who, 'undo', v_items[i], v_nos[i],
                    format('select claim_no::text from triage.undo(%s, %L)', v_items[i], v_key));
            end if;
        end loop;
    end loop;
end $$;

-- Feeds new tickets and newer revisions; now and then a stale copy of it tries too.
create procedure t.feeder(p_seconds numeric) language plpgsql as $$
declare
    v_end timestamptz := clock_timestamp() + p_seconds * interval '1 second';
    v_n   bigint := 100000;
    v_rev bigint := 1;
    v_hit text;
begin
    while clock_timestamp() < v_end loop
        v_n := v_n + 1; v_rev := v_rev + 1;
        select key into v_hit from triage.item where state in ('claimed', 'held') order by random() limit 1;
        call t.step('feeder', 'feed', null, null, format('select t.feed(t.request(%L,1,%L), t.request(%L,%s), t.close(%L,%s,%L))::text',
            'n' || v_n, '{"sla_minutes":1}', 'k' || (random() * 2999)::integer, v_rev,
            coalesce(v_hit, 'k0'), v_rev,
            case when random() < 0.5 then 'withdrawn' else 'superseded' end));
        if random() < 0.1 then
            call t.step('feeder', 'stale', null, null,
                format('select triage.feed(%L,%L,0,1,9,jsonb_build_array(t.request(%L,1)))::text', 'c', 'reviews', 'stale' || v_n));
        end if;
        perform pg_sleep(0.01); commit;
    end loop;
end $$;

create procedure t.relay(p_seconds numeric) language plpgsql as $$
declare
    v_end timestamptz := clock_timestamp() + p_seconds * interval '1 second';
begin
    while not triage.relay_lock() loop commit; perform pg_sleep(0.05); end loop;
    while clock_timestamp() < v_end loop
        perform triage.publish_due(50); commit;
        perform triage.sequence_outbox(50); commit;
        perform pg_sleep(0.02); commit;
    end loop;
end $$;

-- In the calm after the storm, where no feeder overtakes and nothing is killed: one answer is taken back in its hold window,
-- the other only after it was published. So both endings of an undo are reached, however slow the machine.
create procedure t.latecomer() language plpgsql as $$
declare
    v_item bigint;
    v_no   bigint;
    v_key  text;
    v_end  timestamptz;
begin
    update triage.item set snoozed_until = null, skipped_until = null where state = 'open';
    commit;
    foreach v_key in array array['late-prompt', 'late-published'] loop
        select c.item_id, c.claim_no into v_item, v_no from triage.claim('late', 1) c;
        call t.step('late', 'resolve', v_item, v_no,
            format('select state::text from triage.resolve(%s, %s, %L, %L, null, %L)', v_item, v_no, v_key, 'edited', v_key));
        if v_key = 'late-published' then
            v_end := clock_timestamp() + interval '60 seconds'; -- a relay that never publishes fails the verdict
            while clock_timestamp() < v_end
                and exists (select from triage.resolution where idempotency_key = v_key and state = 'held') loop
                commit; perform pg_sleep(0.05);
            end loop;
        end if;
        call t.step('late', 'undo', v_item, v_no, format('select claim_no::text from triage.undo(%s, %L)', v_item, v_key));
    end loop;
end $$;

-- After the storm: everything that is left is answered, and with drain published.
create procedure t.answer_rest() language plpgsql as $$
begin
    update triage.item set snoozed_until = null, skipped_until = null;
    update triage.item set claimed_until = clock_timestamp() - interval '1 second' where state = 'claimed';
    while exists (select from triage.item where state in ('open', 'claimed')) loop
        perform triage.resolve(c.item_id, c.claim_no, 'drain', 'accepted') from triage.claim('drain', 100) c;
        commit;
    end loop;
end $$;

create procedure t.drain() language plpgsql as $$
begin
    call t.answer_rest();
    update triage.item set held_until = clock_timestamp() - interval '1 second' where state = 'held';
    while triage.publish_due(1000) > 0 loop commit; end loop;
    while not triage.relay_lock() loop commit; perform pg_sleep(0.05); end loop;
    while exists (select from triage.outbox where sequence_no is null) loop perform triage.sequence_outbox(1000); commit; end loop;
end $$;

-- Each answer beside the newest claim that the history knows of before it: they must be the same.
create view t.late_answer as
select h.item_id, h.history_id, h.claim_no, (
    select n.claim_no from triage.history n
    where n.item_id = h.item_id and n.history_id < h.history_id and n.event in ('claimed', 'undone')
    order by n.history_id desc limit 1) as current_no
from triage.history h where h.event = 'resolved';

create function t.verdict() returns table (ok text, n bigint, what text) language sql as $$
    -- must be zero
    select case n when 0 then 'ok' else 'not ok' end, n, what from (
        select count(*) filter (where claim_no <> current_no) as n, 'answers accepted from a lost claim' as what from t.late_answer
        union all
        select count(*), 'items answered twice' from (select item_id from triage.resolution where state in ('held', 'released')
                                                      group by item_id having count(*) > 1) d
        union all
        select count(*), 'released items without their one answer and result' from triage.item i where state = 'released' and (
            (select count(*) from triage.resolution r where r.item_id = i.item_id and r.state = 'released') <> 1 or
            (select count(*) from triage.outbox o where o.message_id = i.key || '@' || i.revision || ':reviewed') <> 1)
        union all
        select count(*), 'overtaken items without their one result' from triage.item i where state in ('superseded', 'withdrawn') and
            (select array_agg(o.message_id) from triage.outbox o where o.key = i.key and (o.payload ->> 'revision')::bigint = i.revision)
            is distinct from array[i.key || '@' || i.revision || ':superseded']
        union all
        select count(*), 'items without an ending' from triage.item where state in ('open', 'claimed', 'held')
        union all
        select abs((select count(*) from triage.outbox) - (select count(*) from triage.item)), 'results more or less than items'
        union all
        select count(*), 'published answers that were undone' from triage.outbox o join triage.resolution r
            on r.state = 'undone' and o.payload #>> '{review,final_text}' = r.final_text
        union all
        select (select max(sequence_no) from triage.outbox) - count(*) + count(*) filter (where sequence_no is null), 'gaps in the numbering' from triage.outbox
        union all
        select count(*), 'items two reviewers had under one claim number' from (
            select item_id, claim_no from triage.history where event in ('claimed', 'undone') group by 1, 2 having count(*) > 1) d
        union all
        select count(*), 'claims taken before their time was over' from triage.history
            where event = 'expired' and at < (detail ->> 'until')::timestamptz
        union all
        select count(*), 'stale feeds that wrote' from triage.item where key like 'stale%'
        union all
        select count(*), 'answers told accepted that are not there under their claim' from t.attempt a where what = 'resolve' and told in ('held', 'released')
            and not exists (select from triage.resolution r where r.item_id = a.item_id and r.claim_no = a.claim_no)
    ) z
    union all
    -- must be reached
    select case n when 0 then 'not ok' else 'ok' end, n, what from (
        select count(*) filter (where what = 'resolve' and told = 'held') as n, 'answers accepted' as what from t.attempt
        union all select count(*) filter (where what = 'resolve' and told = 'TR001'), 'answers refused: claim lost' from t.attempt
        union all select count(*) filter (where what = 'resolve' and told = 'TR007'), 'answers refused: overtaken' from t.attempt
        union all select count(*) filter (where what = 'repeat' and told in ('held', 'released')), 'repeats that gave the first answer' from t.attempt
        union all select count(*) filter (where what = 'undo' and told not like 'TR%'), 'undone' from t.attempt
        union all select count(*) filter (where what = 'undo' and told = 'TR005'), 'undo too late' from t.attempt
        union all select count(*) filter (where what = 'stale' and told = 'TR010'), 'stale feeds refused' from t.attempt
        union all select count(*) filter (where event = 'expired'), 'claims expired' from triage.history
        union all select count(*) filter (where state = 'superseded'), 'answers overtaken while held' from triage.resolution
        union all select count(*) filter (where state = 'released'), 'items released' from triage.item
        union all select count(*) filter (where state in ('superseded', 'withdrawn')), 'items overtaken' from triage.item
    ) r
$$;
