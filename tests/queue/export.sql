-- Answered tickets of three classes in words of their own, some of them relabelled, some audits.
create procedure t.answered_tickets(p_n integer) language plpgsql as $$
declare
    c_labels constant text[] := array['refund_status', 'parcel_lost', 'login_problem'];
    c_words  constant text[] := array['refund money back bank account booked', 'parcel courier lost street neighbour',
                                      'password login code account locked'];
    v_class  integer;
    v_given  text;
    v_origin text;
    v_item   record;
begin
    for n in 1 .. p_n loop
        v_class := 1 + n % 3;
        v_given := c_labels[1 + (n + (n % 7 = 0)::integer) % 3]; -- every seventh suggestion is wrong
        v_origin := case when n % 10 = 0 then 'audit' else 'ticket' end;
        perform t.feed(t.request('k' || n, 1, jsonb_build_object('review_id', 'r' || n, 'origin', v_origin, 'ticket', jsonb_build_object(
            'subject', 'Question ' || n, 'channel', 'email',
            'body_text', (select string_agg(w, ' ' order by hashtext(w || n)) from unnest(string_to_array(c_words[v_class], ' ')) w) || ' ' || n),
            'decision', jsonb_build_object('label', v_given, 'confidence', 0.6, 'draft', jsonb_build_object('text', 'Dear customer'),
                'alternatives', '[]'::jsonb, 'reasons', '[]'::jsonb))));
    end loop;
    update triage.setting set claims_most = 10000;
    while exists (select from triage.item where state = 'open') loop
        for v_item in select c.*, 1 + substr(c.key, 2)::integer % 3 as class from triage.claim('ann' || random(), 100) c loop
            perform triage.resolve(v_item.item_id, v_item.claim_no, 'k',
                case when v_item.label = c_labels[v_item.class] then 'accepted' else 'relabelled' end::triage.outcome,
                case when v_item.label <> c_labels[v_item.class] then c_labels[v_item.class] end);
        end loop;
        update triage.item set held_until = clock_timestamp() - interval '1 second' where state = 'held';
        perform triage.publish_due(10000);
    end loop;
end $$;
