//! Asking a member who is signed in for their password again, before something that matters.
use actix_web::web;

use super::{guard, reader::Reader};
use crate::{
    domain::tries::{self, Subject},
    error::{Error, Result},
    keys,
};

/// What is wrong with the password that was typed; empty if nothing is. Wrong ones are counted by
/// session, so that whoever found an open browser cannot go on guessing.
///
/// # Errors
/// `Unauthorized` for visitors.
pub async fn check(reader: &Reader, typed: &str) -> Result<String> {
    let me = reader.member()?;
    let subjects = [Subject::browser(me.actor.id, &me.session.token_hash)];
    let counted = subjects.clone();
    if let Some(secs) = reader.app.write(move |tx| tries::begin(tx, &counted)).await? {
        return Ok(format!("Too many in a row were wrong. Try again in {}.", guard::wait(secs)));
    }
    let (typed, hash) = (typed.to_owned(), me.member.password_hash.clone());
    let right = web::block(move || keys::verify_password(&typed, &hash));
    if !right.await.map_err(Error::internal)? {
        return Ok("This is not your password.".to_owned());
    }
    reader.app.write(move |tx| tries::succeed(tx, &subjects)).await?;
    Ok(String::new())
}
