//! Changing one's own words, voting, and taking one's words back.
use actix_web::{HttpResponse, web};

use super::{
    arriving, attached,
    compose::{body_hint, own_path, readable},
    posted::Posted,
    reader::Reader,
    refusal, show,
    views::{
        FlashKind, Form, Page,
        pages::{ConfirmPage, EarlierForm, EditPage, HistoryPage},
        words,
    },
};
use crate::{
    db::{
        self, Conn,
        media::Media,
        posts::{Edit, Post},
    },
    domain::{
        media as pictures, polls,
        posts::{self, Change},
    },
    error::{Error, Result},
    text,
    types::{ActorId, PostId},
};

/// A post and its pictures, for its author.
fn own_with_media(conn: &mut Conn, me: ActorId, id: PostId) -> Result<(Post, Vec<Media>)> {
    let post = own(conn, me, id)?;
    if post.is_boost() {
        return Err(Error::NotFound);
    }
    let media = db::media::of_posts(conn, &[id])?.remove(&id).unwrap_or_default();
    Ok((post, media))
}

/// The form to change a post.
///
/// # Errors
/// `Unauthorized` for visitors, `NotFound` for a post of somebody else.
pub async fn edit_form(reader: Reader, path: web::Path<PostId>) -> Result<HttpResponse> {
    let (me, id) = (reader.member()?.actor.id, path.into_inner());
    let (post, media) = reader.app.read(move |conn| own_with_media(conn, me, id)).await?;
    let mut form = Form::default()
        .with("title", post.title.clone().unwrap_or_default())
        .with("body", post.source.clone().unwrap_or_else(|| text::plain(&post.content)))
        .with("warning", post.spoiler_text.clone());
    for row in &media {
        form = form.with(&described(row), row.description.clone().unwrap_or_default());
    }
    edit_page(&reader, &post, &media, form, false)
}

/// The name of the field that describes a picture.
fn described(row: &Media) -> String {
    format!("description-{}", row.id)
}

fn edit_page(
    reader: &Reader,
    post: &Post,
    media: &[Media],
    form: Form,
    again: bool,
) -> Result<HttpResponse> {
    let page = EditPage {
        page: Page { unlisted: true, ..reader.page("Change your post") },
        id: post.id.to_string(),
        has_title: post.is_root(),
        body_hint: body_hint(reader),
        pictures: media.iter().map(attached::picture).collect(),
        back: own_path(reader, post)?,
        form,
    };
    if again { reader.html_again(&page) } else { reader.html(&page) }
}

/// Changes a post; the form before is kept for whoever asks.
///
/// # Errors
/// `Unauthorized` for visitors, `NotFound` for a post of somebody else.
pub async fn edit(posted: Posted, path: web::Path<PostId>) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let (author, id) = (reader.member()?.actor.clone(), path.into_inner());
    let me = author.id;
    let (post, media) = reader.app.read(move |conn| own_with_media(conn, me, id)).await?;
    let words = |row: &Media| {
        let description = Some(posted.trimmed(&described(row)).to_owned());
        (row.id, pictures::Words { description, focus: None })
    };
    let change = Change {
        source: posted.value("body").to_owned(),
        title: post.is_root().then(|| posted.trimmed("title").to_owned()),
        spoiler_text: Some(posted.trimmed("warning").to_owned()),
        media_words: media.iter().map(words).collect(),
        ..Change::default()
    };
    arriving::meet(&reader.app, &change.source).await;
    match reader.app.write(move |tx| posts::edit(tx, &author, id, change)).await {
        Ok(post) => {
            let words = "Your post is changed. Those who have it are told.";
            Ok(reader.go_saying(&own_path(reader, &post)?, FlashKind::Done, words))
        }
        Err(error) => {
            let form = posted.form().with_problem("body", refusal::sentence(error)?);
            edit_page(reader, &post, &media, form, true)
        }
    }
}

/// What a post says, and said before each change.
///
/// # Errors
/// `NotFound` for what the reader may not read.
pub async fn history(reader: Reader, path: web::Path<PostId>) -> Result<HttpResponse> {
    let (lens, id) = (reader.lens(), path.into_inner());
    let (author, back, forms) = reader
        .app
        .read(move |conn| {
            let post = readable(conn, lens.viewer, id)?;
            let cast = show::Cast::of(conn, std::slice::from_ref(&post), &[])?;
            let now = EarlierForm {
                when: words::when(post.edited_at.unwrap_or(post.created_at), lens.now),
                title: post.title.clone().unwrap_or_default(),
                warning: post.spoiler_text.clone(),
                html: cast.html(&post, &post.content),
            };
            let before = |edit: Edit| EarlierForm {
                when: words::when(edit.created_at, lens.now),
                title: edit.title.unwrap_or_default(),
                warning: edit.spoiler_text,
                html: cast.html(&post, &edit.content),
            };
            let mut earlier = db::posts::edits(conn, id)?;
            earlier.sort_by_key(|edit| std::cmp::Reverse(edit.id));
            let forms = std::iter::once(now).chain(earlier.into_iter().map(before)).collect();
            Ok((cast.person(post.author_id, &lens.domain), cast.post_path(&post), forms))
        })
        .await?;
    let page = Page { unlisted: true, ..reader.page("What this post said") };
    reader.html(&HistoryPage { page, author, back, forms })
}

/// Votes in the poll of a post.
///
/// # Errors
/// `Unauthorized` for visitors, `NotFound` where there is no poll they may read.
pub async fn vote(posted: Posted, path: web::Path<PostId>) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let (me, id) = (reader.member()?.actor.id, path.into_inner());
    let choices: Vec<usize> =
        posted.values("choice").filter_map(|choice| choice.parse().ok()).collect();
    let voted = reader
        .app
        .write(move |tx| {
            let post = posts::readable(tx, Some(me), id)?;
            let poll = db::polls::of_posts(tx, &[id])?.remove(&id).ok_or(Error::NotFound)?;
            let cast = show::Cast::of(tx, std::slice::from_ref(&post), &[])?;
            let back = cast.post_path(&post);
            if choices.is_empty() {
                return Ok((back, Err(Error::invalid("Choose something first"))));
            }
            Ok((back, polls::vote(tx, me, poll.id, &choices).map(drop)))
        })
        .await?;
    let (back, outcome) = voted;
    match outcome {
        Ok(()) => Ok(reader.go_saying(&back, FlashKind::Done, "Your vote is in.")),
        Err(error) => Ok(reader.go_saying(&back, FlashKind::Wrong, refusal::sentence(error)?)),
    }
}

/// Asks before a post goes.
///
/// # Errors
/// `Unauthorized` for visitors, `NotFound` for a post of somebody else.
pub async fn delete_form(reader: Reader, path: web::Path<PostId>) -> Result<HttpResponse> {
    let (me, id) = (reader.member()?.actor.id, path.into_inner());
    let post = reader.app.read(move |conn| own(conn, me, id)).await?;
    let back = own_path(&reader, &post)?;
    reader.html(&ConfirmPage {
        page: Page { unlisted: true, ..reader.page("Delete") },
        heading: "Delete this post?".into(),
        lines: vec![
            format!("\u{201c}{}\u{201d}", text::excerpt(&post.content, 140)),
            "It goes from here at once, and other servers are asked to take it away too. Answers to it stay, and so does help that was counted.".into(),
        ],
        action: format!("/posts/{id}/delete"),
        button: "Delete the post".into(),
        dangerous: true,
        back,
        back_words: "Keep it".into(),
    })
}

fn own(conn: &mut Conn, me: ActorId, id: PostId) -> Result<Post> {
    let post = readable(conn, Some(me), id)?;
    if post.author_id == me { Ok(post) } else { Err(Error::NotFound) }
}

/// Takes one's own post away.
///
/// # Errors
/// `Unauthorized` for visitors, `NotFound` for a post of somebody else.
pub async fn delete(posted: Posted, path: web::Path<PostId>) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let (author, id) = (reader.member()?.actor.clone(), path.into_inner());
    let back = reader
        .app
        .write(move |tx| {
            let post = posts::delete(tx, &author, id)?;
            if post.thread_id != post.id {
                let root = db::posts::by_id(tx, post.thread_id)?;
                let cast = show::Cast::of(tx, std::slice::from_ref(&root), &[])?;
                return Ok(cast.thread_path(&root, root.author_id));
            }
            Ok(match post.group_id {
                Some(group) => show::actor_path(&db::actors::by_id(tx, group)?),
                None => show::actor_path(&author),
            })
        })
        .await?;
    Ok(reader.go_saying(&back, FlashKind::Done, "Your post is deleted."))
}
