use crate::{
    db::{self, Conn, actors::Actor, posts::Post},
    error::Result,
};

/// Whether `author` may answer `parent` at once, as who wrote it said
/// ([interaction policies](https://docs.gotosocial.org/en/latest/federation/interaction_policy/)):
/// everyone, or those it lists, its followers, whom it follows. Who is mentioned, or answered by it,
/// may always answer.
///
/// # Errors
/// `Internal` from the database.
pub fn answers_freely(conn: &mut Conn, parent: &Post, author: &Actor) -> Result<bool> {
    if parent.author_id == author.id {
        return Ok(true);
    }
    let policy = db::policies::of(conn, parent.id)?.and_then(|policy| policy.can_reply);
    let Some(who) = policy else { return Ok(true) };
    let who: Vec<String> = serde_json::from_str(&who).unwrap_or_default();
    let names = |uri: &str| who.iter().any(|one| one == uri);
    if names(author.ap_id.as_str()) || db::posts::mentions_actor(conn, parent.id, author.id)? {
        return Ok(true);
    }
    if let Some(above) = parent.in_reply_to_id
        && db::posts::by_id(conn, above)?.author_id == author.id
    {
        return Ok(true);
    }
    // What is said in a private group is for its members. What is public names the group as somebody
    // it mentions (GoToSocial), which lets in the group, not everyone there.
    if let Some(group) = parent.group_id
        && !parent.visibility.is_open()
    {
        let group = db::actors::by_id(conn, group)?;
        let for_it =
            names(group.ap_id.as_str()) || group.followers_uri.as_deref().is_some_and(names);
        if for_it && db::follows::exists(conn, author.id, group.id)? {
            return Ok(true);
        }
    }
    // Other servers cannot see who follows whom: whoever lives here waits for the author's word, which
    // comes at once.
    if author.local {
        return Ok(false);
    }
    let asked = db::actors::by_id(conn, parent.author_id)?;
    if asked.followers_uri.as_deref().is_some_and(names)
        && db::follows::exists(conn, author.id, asked.id)?
    {
        return Ok(true);
    }
    let following = format!("{}/following", asked.ap_id);
    Ok(names(&following) && db::follows::exists(conn, asked.id, author.id)?)
}
