-- A reviewer answers; the answer is held, can be undone, and is then published.

set local role triage_owner;

create function triage.words(p_text text) returns integer[] language sql immutable set search_path = pg_catalog, pg_temp as $$
    select coalesce(array_agg(hashtext(w.word) order by w.at), '{}')
    from regexp_split_to_table(p_text, '\s+') with ordinality w(word, at) where w.word <> ''
$$;

-- Words in one list and not in the other, counted with repetition: a lower bound of the distance, for long texts.
create function triage.bag_distance(p_a integer[], p_b integer[]) returns integer
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select greatest(cardinality(p_a), cardinality(p_b)) - coalesce(sum(least(a.n, b.n)), 0)::integer
    from (select w, count(*) as n from unnest(p_a) w group by w) a
    join (select w, count(*) as n from unnest(p_b) w group by w) b using (w)
$$;

-- Wagner and Fischer, The string-to-string correction problem (JACM 21, 1974), two rows.
create function triage.word_distance(p_a integer[], p_b integer[]) returns integer
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
    v_n    integer := cardinality(p_b);
    v_row  integer[];
    v_left integer; -- the cell to the left in this row
    v_diag integer; -- the cell above the left one
    v_up   integer;
    v_word integer;
begin
    select array_agg(j order by j) into v_row from generate_series(1, v_n) j;
    for i in 1 .. cardinality(p_a) loop
        v_word := p_a[i]; v_left := i; v_diag := i - 1;
        for j in 1 .. v_n loop
            v_up := v_row[j];
            if v_word <> p_b[j] then
                v_diag := v_diag + 1;
            end if;
            if v_up < v_left then v_left := v_up; end if;
            if v_left + 1 < v_diag then v_diag := v_left + 1; end if;
            v_row[j] := v_diag; v_left := v_diag; v_diag := v_up;
        end loop;
    end loop;
    return coalesce(v_left, v_n);
end $$;

create function triage.edit_distance(p_from text, p_to text) returns real
language plpgsql immutable set search_path = triage, pg_temp as $$
declare
    c_most  constant integer := 200; -- words on each side that are compared exactly
    v_a     integer[] := words(p_from);
    v_b     integer[] := words(p_to);
    v_total integer := greatest(cardinality(v_a), cardinality(v_b));
    v_head  integer := 0;
    v_tail  integer := 0;
begin
    if p_from is null or p_to is null then return null; end if;
    while v_head < least(cardinality(v_a), cardinality(v_b)) and v_a[v_head + 1] = v_b[v_head + 1] loop
        v_head := v_head + 1;
    end loop;
    while v_tail < least(cardinality(v_a), cardinality(v_b)) - v_head
          and v_a[cardinality(v_a) - v_tail] = v_b[cardinality(v_b) - v_tail] loop
        v_tail := v_tail + 1;
    end loop;
    v_a := v_a[v_head + 1 : cardinality(v_a) - v_tail];
    v_b := v_b[v_head + 1 : cardinality(v_b) - v_tail];
    if cardinality(v_a) = 0 or cardinality(v_b) = 0 then
        return greatest(cardinality(v_a), cardinality(v_b))::real / greatest(v_total, 1);
    end if;
    if greatest(cardinality(v_a), cardinality(v_b)) > c_most then
        return bag_distance(v_a, v_b)::real / v_total;
    end if;
    return word_distance(v_a, v_b)::real / v_total;
end $$;
comment on function triage.edit_distance is
    'Words inserted, deleted or replaced, as a share of the longer text. Between the common beginning and end at most 200 words are compared in order; longer differences are compared without their order.';

-- What must stand in an answer of each outcome.
create function triage.check_answer(p_item triage.item, p_draft text, p_outcome triage.outcome, p_label text, p_text text)
returns void language plpgsql immutable set search_path = triage, pg_temp as $$
declare
    v_relabelled boolean := coalesce(p_label, p_item.label) <> p_item.label;
begin
    if p_outcome is null then
        perform fail('TR006', 'give an outcome: accepted, edited, rewritten, relabelled, escalated, wrong_input or wrong_policy');
    elsif octet_length(p_label) not between 1 and 128 or octet_length(p_text) > 262144 then
        perform fail('TR006', 'give a label of 1 to 128 bytes and a text of at most 262144');
    elsif p_outcome = 'relabelled' and not v_relabelled then
        perform fail('TR006', 'give another label: the outcome is relabelled and the label is the same');
    elsif p_outcome in ('accepted', 'edited', 'rewritten') and v_relabelled then
        perform fail('TR006', format('use the outcome relabelled: the label is changed and the outcome is %s', p_outcome));
    elsif p_outcome in ('edited', 'rewritten') and coalesce(btrim(p_text), '') = '' then
        perform fail('TR006', format('give the text: the outcome is %s', p_outcome));
    elsif p_outcome = 'accepted' and coalesce(p_text, p_draft, '') <> coalesce(p_draft, '') then
        perform fail('TR006', 'use the outcome edited or rewritten: the text is not the draft');
    end if;
end $$;

-- What the client told with the answer, else what it told while the item was open, else (a client that never tells: a
-- terminal, plain SQL) the time since the claim.
create function triage.answer_seconds(p_item triage.item, p_told double precision) returns double precision
language sql stable set search_path = triage, pg_temp as $$
    select least(greatest(coalesce(
        p_told,
        (select nullif(sum(t.active_seconds), 0) from time_spent t where t.item_id = p_item.item_id),
        (select extract(epoch from clock_timestamp() - max(h.at)) from history h
         where h.item_id = p_item.item_id and h.event in ('claimed', 'undone') and h.claim_no = p_item.claim_no),
        0), 0), 86400)
$$;

create function triage.resolve_answer(p_item triage.item, p_key text, p_asked jsonb, p_outcome triage.outcome,
                                      p_label text, p_text text, p_seconds double precision)
returns triage.resolution language plpgsql set search_path = triage, pg_temp as $$
declare
    v_draft      text := (select b.draft from item_body b where b.item_id = p_item.item_id);
    v_until      timestamptz := clock_timestamp() + (select s.hold_window from setting s);
    v_text       text;
    v_resolution resolution;
begin
    perform check_answer(p_item, v_draft, p_outcome, p_label, p_text);
    v_text := coalesce(p_text, case when p_outcome = 'accepted' then v_draft end);
    insert into resolution (item_id, claim_no, idempotency_key, reviewer, outcome, final_label, final_text, seconds,
                            edit_distance, asked, held_until)
    values (p_item.item_id, p_item.claim_no, p_key, p_item.claimed_by, p_outcome,
            coalesce(p_label, nullif(p_item.label, '')), v_text,
            answer_seconds(p_item, p_seconds),
            edit_distance(v_draft, v_text), p_asked, v_until)
    returning * into v_resolution;
    update item i set state = 'held', held_until = v_until where i.item_id = p_item.item_id;
    perform note(p_item.item_id, 'resolved', p_item.claimed_by, p_item.claim_no,
                 jsonb_build_object('outcome', p_outcome, 'resolution_id', v_resolution.resolution_id));
    return v_resolution;
end $$;

create function triage.resolve(p_item bigint, p_claim_no bigint, p_idempotency_key text, p_outcome triage.outcome,
                               p_final_label text default null, p_final_text text default null,
                               p_seconds double precision default null)
returns table (resolution_id bigint, state triage.resolution_state, held_until timestamptz, edit_distance real)
language plpgsql security definer set search_path = triage, pg_temp as $$
#variable_conflict use_column
declare
    v_asked jsonb := jsonb_build_object('claim_no', p_claim_no, 'outcome', p_outcome, 'label', p_final_label,
                                        'text', p_final_text);
    v_found resolution;
begin
    if octet_length(p_idempotency_key) not between 1 and 200 or p_idempotency_key is null then
        perform fail('TR006', 'give an idempotency key of 1 to 200 bytes');
    end if;
    perform from item i where i.item_id = p_item for update; -- a second click waits here for the first
    select * into v_found from resolution r where r.item_id = p_item and r.idempotency_key = p_idempotency_key;
    if found and v_found.asked <> v_asked then
        perform fail('TR004', format('use a new idempotency key: %s was used for another answer to item %s',
                                     p_idempotency_key, p_item));
    elsif found and acts_as_reviewer() and v_found.reviewer <> acting() then
        perform fail('TR030', format('use your own claims: item %s was answered by someone else', p_item));
    elsif v_found.resolution_id is null then
        v_found := resolve_answer(claimed_item(p_item, p_claim_no), p_idempotency_key, v_asked, p_outcome,
                                  p_final_label, p_final_text, p_seconds);
    end if;
    return query select v_found.resolution_id, v_found.state, v_found.held_until, v_found.edit_distance;
end $$;
comment on function triage.resolve is
    'Answers a claimed item; published after the hold window. The same call again (same key and content) gives the first call''s row and changes nothing. final_label null: the item''s label. final_text null with accepted: the draft. TR001, TR002, TR003, TR004, TR006, TR007, TR030.';

create function triage.undo(p_item bigint, p_idempotency_key text) returns table (claim_no bigint, claimed_until timestamptz)
language plpgsql security definer set search_path = triage, pg_temp as $$
#variable_conflict use_column
declare
    v_item  item;
    v_found resolution;
    v_until timestamptz := clock_timestamp() + (select s.lease from setting s);
begin
    select * into v_item from item i where i.item_id = p_item for update;
    select * into v_found from resolution r where r.item_id = p_item and r.idempotency_key = p_idempotency_key;
    if v_found.resolution_id is null then
        perform fail('TR002', format('check the number and the key: item %s has no such answer', p_item));
    elsif acts_as_reviewer() and v_found.reviewer <> acting() then
        perform fail('TR030', format('undo your own answers: item %s was answered by someone else', p_item));
    elsif v_found.state = 'released' then
        perform fail('TR005', format('answer the ticket in the helpdesk: the answer to item %s is published', p_item));
    elsif v_found.state = 'superseded' then
        perform fail('TR007', format('take the next item: item %s was %s meanwhile', p_item, v_item.state), v_item.state::text);
    elsif v_found.state = 'held' then
        update resolution r set state = 'undone', ended_at = clock_timestamp(), undone_claim_no = v_item.claim_no + 1
        where r.resolution_id = v_found.resolution_id returning * into v_found;
        update item i set state = 'claimed', claim_no = v_found.undone_claim_no, claimed_by = v_found.reviewer,
                          claimed_until = v_until, held_until = null
        where i.item_id = p_item returning * into v_item;
        perform note(p_item, 'undone', v_found.reviewer, v_found.undone_claim_no,
                     jsonb_build_object('resolution_id', v_found.resolution_id));
    end if;
    return query select v_found.undone_claim_no, v_item.claimed_until;
end $$;
comment on function triage.undo is
    'Takes a held answer back and gives the item to its reviewer again, under the claim number it returns. Undoing twice is undoing once. TR002, TR005, TR007, TR030.';

create function triage.publish_answer(p_item triage.item) returns void
language plpgsql set search_path = triage, pg_temp as $$
declare
    v_answer resolution;
begin
    update resolution r set state = 'released', ended_at = clock_timestamp()
    where r.item_id = p_item.item_id and r.state = 'held' returning * into strict v_answer;
    update item i set state = 'released', held_until = null, closed_at = clock_timestamp()
    where i.item_id = p_item.item_id;
    perform note(p_item.item_id, 'published', null, v_answer.claim_no,
                 jsonb_build_object('resolution_id', v_answer.resolution_id));
    perform publish(p_item, 'reviewed', jsonb_build_object('review', jsonb_build_object(
        'outcome', v_answer.outcome, 'final_label', v_answer.final_label, 'final_text', v_answer.final_text,
        'reviewer_ref', v_answer.reviewer, 'seconds', v_answer.seconds, 'edit_distance', v_answer.edit_distance)));
end $$;

create function triage.publish_due(p_limit integer default 100) returns integer
language plpgsql security definer set search_path = triage, pg_temp as $$
declare
    v_item item;
    v_n    integer := 0;
begin
    for v_item in
        select * from item i where i.state = 'held' and i.held_until <= clock_timestamp()
        order by i.held_until limit least(greatest(p_limit, 0), 10000) for update skip locked
    loop
        perform publish_answer(v_item);
        v_n := v_n + 1;
    end loop;
    return v_n;
end $$;
comment on function triage.publish_due is
    'Releases answers whose hold window is over: each item, its answer and its outbox row in one transaction. Returns how many.';

create function triage.set_hold_window(p_window interval) returns void
language plpgsql security definer set search_path = triage, pg_temp as $$
begin
    if p_window is null or p_window not between '0' and '1 day' then
        perform fail('TR006', format('give a hold window of nothing to a day: it is %s', coalesce(p_window::text, 'null')));
    end if;
    update setting set hold_window = p_window where hold_window is distinct from p_window;
end $$;
comment on function triage.set_hold_window is 'Sets the hold window of answers to come; those already held keep theirs.';

reset role;
