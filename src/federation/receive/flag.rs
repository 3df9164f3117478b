use super::{Received, Step, Stop};
use crate::{
    activitypub::Reference,
    db::{self, posts::Post},
    domain::{
        Tx,
        moderation::{self, NewReport},
    },
    types::Uri,
};

/// A report: `Flag`. Mastodon names the account and then posts, Lemmy and Mbin one post and the
/// group; who reports is often just a server.
pub fn receive(tx: &mut Tx, received: &Received, objects: &[Uri], comment: Option<&str>) -> Step {
    let ids: Vec<String> = objects.iter().map(Uri::to_string).collect();
    let mut posts: Vec<Post> = Vec::new();
    for id in ids.iter().take(100) {
        posts.extend(db::posts::by_ap_id(tx, id)?.filter(|post| post.deleted_at.is_none()));
    }
    let named = tx.actors_called(&ids)?.into_iter().next();
    let target = match (named, posts.first()) {
        (Some(target), _) => target,
        (None, Some(post)) => tx.actor(post.author_id)?,
        (None, None) => return Err(Stop::Ignore("a report of nothing that is known here")),
    };
    let mut ours = target.local;
    for post in &posts {
        let group = post.group_id.map(|group| tx.actor(group)).transpose()?;
        ours = ours || post.local || group.is_some_and(|group| group.local);
    }
    if !ours {
        return Err(Stop::Ignore("a report of nothing that is ours to look after"));
    }
    let report = NewReport {
        reporter: received.actor.id,
        target,
        posts,
        category: "other".into(),
        comment: comment.unwrap_or_default().to_owned(),
        forward: false,
        ap_id: received.incoming.id.as_ref().map(Uri::to_string),
    };
    moderation::report(tx, report)?;
    Ok(())
}

/// It was dealt with: `Resolve`, by who reported it or a steward of the group.
pub fn resolve(tx: &mut Tx, received: &Received, flag: &Reference) -> Step {
    let known = db::reports::by_ap_id(tx, flag.require_id()?.as_str())?;
    let known = known.ok_or(Stop::Ignore("a report that is not known here"))?;
    moderation::resolve(tx, &known, received.actor)?;
    Ok(())
}
