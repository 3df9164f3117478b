//! What this node is, as words and values; and which process makes which ids.
use diesel::prelude::*;

use super::{
    Conn,
    schema::{leases, settings},
};
use crate::{on, types::Time};

/// The value of a setting.
pub fn get(conn: &mut Conn, name: &str) -> QueryResult<Option<String>> {
    on!(conn, c => settings::table.find(name).select(settings::value).first(c).optional())
}

/// What the operator called this node at the first visit.
pub fn title(conn: &mut Conn) -> QueryResult<Option<String>> {
    Ok(get(conn, "title")?.filter(|title| !title.is_empty()))
}

/// Sets a value.
pub fn set(conn: &mut Conn, name: &str, value: &str) -> QueryResult<()> {
    let changed =
        diesel::update(settings::table.find(name)).set(settings::value.eq(value)).execute(conn)?;
    if changed == 0 {
        diesel::insert_into(settings::table)
            .values((settings::name.eq(name), settings::value.eq(value)))
            .execute(conn)?;
    }
    Ok(())
}

/// Forgets a setting.
pub fn delete(conn: &mut Conn, name: &str) -> QueryResult<usize> {
    diesel::delete(settings::table.find(name)).execute(conn)
}

/// Takes the lowest free slot of 0-63 for `holder` until `until`; where none is free, that of the holder
/// who `is_gone` for longest. `None` if there is no such one.
pub fn take_lease(
    conn: &mut Conn,
    holder: &str,
    now: Time,
    until: Time,
    is_gone: impl Fn(&str) -> bool,
) -> QueryResult<Option<i32>> {
    super::lock(conn, 0)?;
    diesel::delete(leases::table.filter(leases::expires_at.le(now))).execute(conn)?;
    let held: Vec<(i32, String)> = leases::table
        .order((leases::expires_at, leases::slot))
        .select((leases::slot, leases::holder))
        .load(conn)?;
    let free = (0..64).find(|slot| held.iter().all(|(taken, _)| taken != slot));
    let left = || held.iter().find(|(_, holder)| is_gone(holder)).map(|(slot, _)| *slot);
    let Some(slot) = free.or_else(left) else { return Ok(None) };
    diesel::delete(leases::table.find(slot)).execute(conn)?;
    diesel::insert_into(leases::table)
        .values((leases::slot.eq(slot), leases::holder.eq(holder), leases::expires_at.eq(until)))
        .execute(conn)?;
    Ok(Some(slot))
}

/// Keeps a slot; `false` if it was lost.
pub fn renew_lease(conn: &mut Conn, slot: i32, holder: &str, until: Time) -> QueryResult<bool> {
    let mine = leases::table.find(slot).filter(leases::holder.eq(holder));
    Ok(diesel::update(mine).set(leases::expires_at.eq(until)).execute(conn)? == 1)
}

/// Gives a slot back.
pub fn drop_lease(conn: &mut Conn, slot: i32, holder: &str) -> QueryResult<usize> {
    diesel::delete(leases::table.find(slot).filter(leases::holder.eq(holder))).execute(conn)
}
