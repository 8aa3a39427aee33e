-- The share of words that changed.
begin;
select plan(13);
select is(triage.edit_distance('a b c d', 'a b c d'), 0::real, 'equal texts');
select is(triage.edit_distance('', ''), 0::real, 'empty texts');
select is(triage.edit_distance('a b', ''), 1::real, 'everything deleted');
select is(triage.edit_distance('', 'a b'), 1::real, 'everything new');
select is(triage.edit_distance('a b c d', 'a x c d'), 0.25::real, 'one word replaced');
select is(triage.edit_distance('a b c', 'a b c d'), 0.25::real, 'one word added');
select is(triage.edit_distance('a b c d', 'b c d'), 0.25::real, 'one word removed');
select is(triage.edit_distance('k i t t e n', 's i t t i n g'), (3 / 7.0)::real, 'the textbook example');
select is(triage.edit_distance('a  b' || chr(10) || 'c', ' a b c '), 0::real, 'white space does not count');
select is(triage.edit_distance(null, 'a'), null, 'no draft, no distance');
select is(triage.edit_distance('a', null), null, 'no text, no distance');
select is(triage.edit_distance((select string_agg('w' || i, ' ') from generate_series(1, 5000) i),
                               (select string_agg('w' || i, ' ') from generate_series(1, 5000) i where i <> 2500)),
          (1 / 5000.0)::real, 'a small change in a long text is exact');
select ok(triage.edit_distance((select string_agg('w' || i, ' ') from generate_series(1, 3000) i),
                               (select string_agg('v' || i, ' ') from generate_series(1, 3000) i)) = 1,
          'a large change in a long text is bounded work');
select * from finish();
rollback;
