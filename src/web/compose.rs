//! Writing: a new thread, an answer.
use actix_web::{HttpResponse, web};

use super::{
    arriving, named,
    posted::Posted,
    reader::Reader,
    refusal, show, threads,
    views::{Form, pages::ComposePage, words},
};
use crate::{
    db::{self, Conn, actors::Actor, posts::Post, timelines},
    domain::{
        media as pictures,
        posts::{self, Draft},
    },
    error::{Error, Result},
    media::{self, Purpose},
    text,
    types::{ActorId, MediaId, PostId, Visibility},
};

/// What the link to the form says already.
#[derive(serde::Deserialize)]
pub struct Beginning {
    #[serde(default)]
    group: String,
    #[serde(default)]
    kind: String,
}

/// The form for a new thread.
///
/// # Errors
/// `Unauthorized` for visitors.
pub async fn new_form(reader: Reader, beginning: web::Query<Beginning>) -> Result<HttpResponse> {
    let me = reader.member()?;
    let Beginning { group, kind } = beginning.into_inner();
    let usual = me.member.default_visibility;
    let visibility = if group.is_empty() || usual.is_open() { usual } else { Visibility::Public };
    let form = Form::default()
        .with("group", group)
        .with("kind", if kind == "ask" { "ask" } else { "talk" })
        .with("visibility", visibility.as_str());
    new_page(&reader, form, String::new(), false).await
}

async fn new_page(
    reader: &Reader,
    form: Form,
    preview: String,
    again: bool,
) -> Result<HttpResponse> {
    let me = reader.member()?.actor.id;
    let joined = reader.app.read(move |conn| Ok(timelines::joined_groups(conn, me)?)).await?;
    let mut groups: Vec<(String, String)> =
        joined.iter().map(|group| (group.acct(), show::display_name(group))).collect();
    let wanted = form.value("group").to_owned();
    if !wanted.is_empty() && !groups.iter().any(|(acct, _)| *acct == wanted) {
        groups.push((wanted.clone(), wanted.clone()));
    }
    let ask = form.is("kind", "ask");
    let place = groups.iter().find(|(acct, _)| *acct == wanted).map(|(_, name)| name.as_str());
    let page = ComposePage {
        page: reader.page("Write"),
        heading: match (ask, place) {
            (true, Some(group)) => format!("Ask {group}"),
            (true, None) => "Ask a group".to_owned(),
            (false, Some(group)) => format!("Talk in {group}"),
            (false, None) => "Write".to_owned(),
        },
        action: "/new".into(),
        answers: None,
        body_hint: body_hint(reader),
        preview,
        more_open: again || !form.is("visibility", "public"),
        button: if ask { "Ask the group" } else { "Post" }.into(),
        seen_by: match place {
            Some(group) => format!("Everyone who can read {group} sees it, on every server."),
            None => "In no group, those see it whom you choose above.".to_owned(),
        },
        groups,
        form,
    };
    if again { reader.html_again(&page) } else { reader.html(&page) }
}

/// What may be written, under the field for it.
pub fn body_hint(reader: &Reader) -> String {
    format!(
        "Up to {} characters. *Stars* make words stand out; an address like @ben@elm.example tells that person.",
        words::grouped(u64::try_from(reader.app.config().max_post_chars).unwrap_or(u64::MAX))
    )
}

/// Begins a thread, or shows how it will look.
///
/// # Errors
/// `Unauthorized` for visitors; what is wrong is said on the form.
pub async fn new(mut posted: Posted) -> Result<HttpResponse> {
    let author = posted.reader.member()?.actor.clone();
    let mut form = posted.form();
    if posted.value("do") == "preview" {
        let preview = preview(&posted.reader, posted.value("body"));
        return new_page(&posted.reader, form, preview, false).await;
    }
    let visibility = Visibility::from_word(posted.value("visibility"));
    let acct = posted.trimmed("group").to_owned();
    if posted.value("kind") == "ask" && acct.is_empty() {
        form.wrong("group", "An ask goes to a group. Choose which one.");
    }
    if !acct.is_empty() && visibility.is_some_and(|visibility| !visibility.is_open()) {
        form.wrong(
            "visibility-public",
            "In a group everyone who can read it sees a thread. Choose \u{201c}Everyone\u{201d}, or no group.",
        );
    }
    let attached = attach(&mut posted, &author, &mut form).await?;
    if !form.is_fine() {
        return new_page(&posted.reader, form, String::new(), true).await;
    }
    let draft = Draft {
        source: posted.value("body").to_owned(),
        title: Some(posted.trimmed("title").to_owned()).filter(|title| !title.is_empty()),
        spoiler_text: posted.trimmed("warning").to_owned(),
        visibility,
        ask: posted.value("kind") == "ask",
        media: attached,
        ..Draft::default()
    };
    let domain = posted.reader.app.domain().to_owned();
    arriving::meet(&posted.reader.app, &draft.source).await;
    let written = posted
        .reader
        .app
        .write(move |tx| {
            let group = match acct.as_str() {
                "" => None,
                acct => Some(named::find(tx, acct, &domain)?.id),
            };
            posts::publish(tx, &author, Draft { group, ..draft })
        })
        .await;
    match written {
        Ok(post) => Ok(posted.reader.go(&own_path(&posted.reader, &post)?)),
        Err(error) => {
            let why = refusal::sentence(error)?;
            form.wrong(if why.contains("group") { "group" } else { "body" }, why);
            new_page(&posted.reader, form, String::new(), true).await
        }
    }
}

/// The page of a post just written; it leads on to its place in the thread.
///
/// # Errors
/// `Unauthorized` for visitors.
pub fn own_path(reader: &Reader, post: &Post) -> Result<String> {
    Ok(format!("/@{}/{}", reader.member()?.actor.name, post.id))
}

/// How a text will look, sanitised HTML.
pub fn preview(reader: &Reader, source: &str) -> String {
    let tags = format!("{}tags", reader.app.origin());
    let html = text::render(source, &text::Links { account: &|_| None, tags: &tags });
    if html.is_empty() { "<p>There is nothing to see yet.</p>".to_owned() } else { html }
}

/// Keeps the picture of the form, if there is one.
async fn attach(posted: &mut Posted, owner: &Actor, form: &mut Form) -> Result<Vec<MediaId>> {
    let Some(file) = posted.take_file("picture") else { return Ok(Vec::new()) };
    let app = posted.reader.app.clone();
    let kept = match media::receive(app.store(), file.bytes, Purpose::Attachment).await {
        Ok(kept) => kept,
        Err(error) => {
            form.wrong("picture", refusal::sentence(error)?);
            return Ok(Vec::new());
        }
    };
    let words = pictures::Words {
        description: Some(posted.trimmed("description").to_owned()),
        focus: None,
    };
    let (row, files) = (kept.row(owner.id), kept.files());
    match app.write(move |tx| pictures::add(tx, row, words)).await {
        Ok(row) => Ok(vec![row.id]),
        Err(error) => {
            app.store().forget(files).await;
            let why = refusal::sentence(error)?;
            form.wrong(if why.contains("description") { "description" } else { "picture" }, why);
            Ok(Vec::new())
        }
    }
}

/// The form for an answer, with what it answers above.
///
/// # Errors
/// `Unauthorized` for visitors, `NotFound` for what they may not read.
pub async fn reply_form(reader: Reader, path: web::Path<PostId>) -> Result<HttpResponse> {
    reader.member()?;
    reply_page(&reader, path.into_inner(), Form::default(), String::new(), false).await
}

/// A post that `viewer` may read.
///
/// # Errors
/// `NotFound` for every other.
pub fn readable(conn: &mut Conn, viewer: Option<ActorId>, id: PostId) -> Result<Post> {
    if timelines::may_read(conn, viewer, id)? {
        Ok(db::posts::by_id(conn, id)?)
    } else {
        Err(Error::NotFound)
    }
}

async fn reply_page(
    reader: &Reader,
    id: PostId,
    form: Form,
    preview: String,
    again: bool,
) -> Result<HttpResponse> {
    let lens = reader.lens();
    let answered = reader
        .app
        .read(move |conn| {
            let post = readable(conn, lens.viewer, id)?;
            Ok(show::posts(conn, &lens, &[post])?.into_iter().next())
        })
        .await?
        .ok_or(Error::NotFound)?;
    let page = ComposePage {
        page: reader.page("Reply"),
        heading: format!("Reply to {}", answered.author.display),
        action: format!("/posts/{id}/reply"),
        answers: Some(super::views::Post { answerable: false, mine: false, ..answered }),
        groups: Vec::new(),
        body_hint: body_hint(reader),
        preview,
        more_open: true,
        button: "Reply".into(),
        seen_by: "Whoever can read what you answer can read your answer.".into(),
        form,
    };
    if again { reader.html_again(&page) } else { reader.html(&page) }
}

/// Answers a post, or shows how the answer will look.
///
/// # Errors
/// `Unauthorized` for visitors, `NotFound` for what they may not read.
pub async fn reply(mut posted: Posted, path: web::Path<PostId>) -> Result<HttpResponse> {
    let id = path.into_inner();
    let author = posted.reader.member()?.actor.clone();
    let mut form = posted.form();
    if posted.value("do") == "preview" {
        let preview = preview(&posted.reader, posted.value("body"));
        return reply_page(&posted.reader, id, form, preview, false).await;
    }
    let attached = attach(&mut posted, &author, &mut form).await?;
    let mut written = Err(Error::Invalid(String::new()));
    if form.is_fine() {
        let draft = Draft {
            source: posted.value("body").to_owned(),
            spoiler_text: posted.trimmed("warning").to_owned(),
            in_reply_to: Some(id),
            media: attached,
            ..Draft::default()
        };
        arriving::meet(&posted.reader.app, &draft.source).await;
        written = posted
            .reader
            .app
            .write(move |tx| {
                // An answer is seen by those who see the question, whatever the member's habit.
                let parent = posts::readable(tx, Some(author.id), id)?;
                let visibility = Some(parent.visibility);
                posts::publish(tx, &author, Draft { visibility, ..draft })
            })
            .await;
    }
    match written {
        Ok(post) => Ok(posted.reader.go(&own_path(&posted.reader, &post)?)),
        Err(error) => {
            if form.is_fine() {
                form.wrong("body", refusal::sentence(error)?);
            }
            if posted.value("from") == "thread" {
                threads::again(&posted.reader, id, form).await
            } else {
                reply_page(&posted.reader, id, form, String::new(), true).await
            }
        }
    }
}
