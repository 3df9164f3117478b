//! Reports, told to the servers of what is reported. The node itself speaks: nobody who reports is
//! exposed.
use crate::{
    activitypub::write,
    db::{self, actors::Actor, posts::Post, reports::Report},
    domain::{Tx, actors},
    effects::send::{inbox_of, new_uri, send},
    error::{Error, Result},
    types::Uri,
};

/// Most posts that are told one by one.
const MOST_FLAGS: usize = 20;

pub(in crate::effects) fn reported(
    tx: &mut Tx,
    report: &Report,
    target: &Actor,
    posts: &[Post],
) -> Result<()> {
    let reporter = tx.actor(report.reporter_id)?;
    if !reporter.local || !report.forwarded {
        return Ok(());
    }
    let node = db::actors::local_by_name(tx, actors::NODE_NAME)?;
    let node = node.ok_or_else(|| Error::internal("the node has no actor"))?;
    let group = match report.group_id {
        Some(group) => Some(tx.actor(group)?).filter(|group| !group.local),
        None => None,
    };
    if let Some(group) = &group {
        // Servers with groups take one thing at a time, and want to know in which group it is.
        for post in posts.iter().take(MOST_FLAGS) {
            let one = std::slice::from_ref(&post.ap_id);
            let flag = document(tx, &node, report, one, Some(group))?;
            send(tx, &node, &flag, inbox_of(group).into_iter().collect())?;
        }
    }
    let told = group.as_ref().is_some_and(|group| group.host == target.host);
    if !target.local && !told {
        let mut objects = vec![target.ap_id.clone()];
        objects.extend(posts.iter().map(|post| post.ap_id.clone()));
        let to = inbox_of(target).into_iter().collect();
        let flag = document(tx, &node, report, &objects, None)?;
        send(tx, &node, &flag, to)?;
    }
    Ok(())
}

fn document(
    tx: &mut Tx,
    node: &Actor,
    report: &Report,
    objects: &[Uri],
    group: Option<&Actor>,
) -> Result<serde_json::Value> {
    Ok(write::flag(&write::Report {
        id: &new_uri(tx)?,
        actor: &node.ap_id,
        objects,
        comment: &report.comment,
        group: group.map(|group| &group.ap_id),
    }))
}
