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
        url: Some(node.url(&format!("@{}/{id}", group.name))),
        group_id: Some(group.id),
        visibility: if private { Visibility::Followers } else { Visibility::Public },
        title: Some(letter.title),
        content: letter.html,
        language: Some("en".into()),
        ..Post::new(id, node.uri(&format!("p/{id}"))?, group, tx.now())
    };
    store(tx, group, &post, Company::default())?;
    Ok(post)
}
