use super::{Company, store};
use crate::{
    db::{actors::Actor, posts::Post},
    domain::Tx,
    error::Result,
    types::{PostId, Visibility},
};

/// What a group says itself.
#[derive(Clone, Debug, Default)]
pub struct Letter {
    /// Plain text.
    pub title: String,
    /// HTML made here: all that people wrote in it is escaped.
    pub html: String,
}

/// A group that lives here writes to its members: a thread in it, by itself. It names nobody, asks for
/// nothing and thanks nobody.
///
/// # Errors
/// `Internal` from the database.
pub fn by_group(tx: &mut Tx, group: &Actor, letter: Letter) -> Result<Post> {
    let (node, id) = (tx.node(), PostId(tx.new_id()));
    let private = group.is_private_group();
    let post = Post {
        id,
        ap_id: node.uri(&format!("p/{id}"))?,
        url: Some(node.url(&format!("@{}/{id}", group.name))),
        author_id: group.id,
        local: true,
        kind: "Note".into(),
        group_id: Some(group.id),
        thread_id: id,
        in_reply_to_id: None,
        in_reply_to_uri: None,
        boost_of_id: None,
        visibility: if private { Visibility::Followers } else { Visibility::Public },
        title: Some(letter.title),
        content: letter.html,
        source: None,
        spoiler_text: String::new(),
        sensitive: false,
        language: Some("en".into()),
        is_ask: false,
        helped: false,
        app_id: None,
        replies_count: 0,
        likes_count: 0,
        boosts_count: 0,
        dislikes_count: 0,
        created_at: tx.now(),
        edited_at: None,
        deleted_at: None,
    };
    store(tx, group, &post, Company::default())?;
    Ok(post)
}
