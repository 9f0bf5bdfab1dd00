-- The newest reply of a user is the one with the latest time, which is by the database's clock; ids
-- are made by the clock of their node. ${of_reply} names the table where the dialect wants that.
create index reply_user_time on reply (tenant_id, user_id, status, created_at, id);
drop index reply_user ${of_reply};
