-- Who calls, and how a call fails. Every error of the queue has a SQLSTATE of its own in class TR (docs/QUEUE.md).

set local role triage_owner;

create function triage.fail(p_code text, p_message text, p_detail text default null) returns void
language plpgsql as $$
begin
    if p_detail is null then
        raise exception using errcode = p_code, message = p_message;
    end if;
    raise exception using errcode = p_code, message = p_message, detail = p_detail;
end $$;
comment on function triage.fail is 'Ends the call with one of the SQLSTATEs of docs/QUEUE.md.';

-- The role somebody took with SET ROLE, else the role that logged in. It stays visible inside SECURITY DEFINER
-- functions, where current_user is the owner; a console that logs in once and takes each reviewer's role relies on it.
create function triage.acting() returns text language sql stable set search_path = pg_catalog, pg_temp as $$
    select case current_setting('role') when 'none' then session_user::text else current_setting('role') end
$$;
comment on function triage.acting is 'The role on whose behalf this session acts.';

create function triage.acts_as_reviewer() returns boolean language sql stable
set search_path = pg_catalog, pg_temp as $$
    select coalesce((select not r.rolsuper and pg_has_role(r.oid, 'triage_reviewer', 'member')
                            and not pg_has_role(r.oid, 'triage_owner', 'member')
                     from pg_roles r where r.rolname = triage.acting()), false)
$$;
comment on function triage.acts_as_reviewer is 'True for a reviewer''s own role: it may act for itself only.';

create function triage.reviewer(p_reviewer text) returns text language plpgsql stable
set search_path = triage, pg_temp as $$
declare
    v_acting text := acting();
begin
    if acts_as_reviewer() and coalesce(p_reviewer, v_acting) <> v_acting then
        perform fail('TR030', format('use your own name: you are %s and cannot act for %s', v_acting, p_reviewer));
    end if;
    if coalesce(p_reviewer, v_acting) = '' or octet_length(p_reviewer) > 256 then
        perform fail('TR006', 'give a reviewer of 1 to 256 bytes: the name is empty or too long');
    end if;
    return coalesce(p_reviewer, v_acting);
end $$;
comment on function triage.reviewer is 'The reviewer this call is for: null means whoever calls.';

create function triage.note(p_item bigint, p_event text, p_actor text, p_claim_no bigint default null,
                            p_detail jsonb default null) returns void
language sql set search_path = triage, pg_temp as $$
    insert into history (item_id, event, actor, claim_no, detail)
    values (p_item, p_event, coalesce(p_actor, acting()), p_claim_no, p_detail)
$$;
comment on function triage.note is 'Adds a row to the history.';

reset role;
