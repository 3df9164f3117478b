//! `/`, `/about` and `/tags/NAME`.
use actix_web::{HttpResponse, web};

use super::{
    named::Part,
    reader::Reader,
    show::{self, Lens},
    views::{
        Page,
        pages::{AboutPage, FrontPage, Home, TagPage},
        words,
    },
};
use crate::{
    db::{
        Conn, actors, members,
        page::Page as Range,
        timelines::{self, PublicFilter, TagFilter},
    },
    error::Result,
    text,
    types::ActorId,
};

const GROUPS: i64 = 20;
const ASKS: i64 = 8;
const THREADS: i64 = 20;

/// The front page: what waits for a member; for a visitor what this place is.
///
/// # Errors
/// `Internal` only.
pub async fn front(reader: Reader, part: web::Query<Part>) -> Result<HttpResponse> {
    let (lens, part) = (reader.lens(), part.into_inner());
    let (home, groups, pager) = reader
        .app
        .read(move |conn| {
            let mut rows = actors::local_groups(conn, &part.range(GROUPS))?;
            let pager = part.cut(&mut rows, GROUPS, "/", |group| group.id.0);
            let groups = show::group_lines(conn, &lens, &rows)?;
            Ok((home(conn, &lens)?, groups, pager))
        })
        .await?;
    let purpose = reader.app.config().description.clone();
    reader.html(&FrontPage {
        page: Page { description: purpose.clone(), ..reader.page("") },
        purpose,
        home,
        groups,
        pager,
    })
}

fn home(conn: &mut Conn, lens: &Lens) -> Result<Option<Home>> {
    let Some(viewer) = lens.viewer else { return Ok(None) };
    let groups: Vec<ActorId> =
        timelines::joined_groups(conn, viewer)?.iter().map(|group| group.id).collect();
    if groups.is_empty() {
        return Ok(Some(Home::default()));
    }
    let threads = |conn: &mut Conn, waiting, most| {
        let range = Range::newest(most);
        timelines::threads_in(conn, lens.viewer, &groups, waiting, &range, lens.now)
    };
    let asks = threads(conn, true, ASKS)?;
    let mut talk = threads(conn, false, THREADS)?;
    talk.retain(|thread| !asks.iter().any(|ask| ask.id == thread.id));
    Ok(Some(Home {
        in_groups: true,
        asks: show::thread_lines(conn, lens, &asks, true)?,
        talk: show::thread_lines(conn, lens, &talk, true)?,
    }))
}

/// What this node is, who runs it, and how one leaves.
///
/// # Errors
/// `Internal` only.
pub async fn about(reader: Reader) -> Result<HttpResponse> {
    let lens = reader.lens();
    let figures = reader.app.figures().await?;
    let (operators, groups) = reader
        .app
        .read(move |conn| {
            let operators = members::operators(conn)?;
            let operators = show::people(conn, &lens, operators.iter(), |_| true)?;
            let groups = actors::local_groups(conn, &Range::newest(1_000))?.len();
            Ok((operators, groups))
        })
        .await?;
    let config = reader.app.config();
    let people =
        words::count(u64::try_from(figures.people).unwrap_or_default(), "person", "people");
    let groups = words::count(u64::try_from(groups).unwrap_or_default(), "group", "groups");
    reader.html(&AboutPage {
        page: Page { description: config.description.clone(), ..reader.page("About") },
        purpose: config.description.clone(),
        counts: format!("{people} and {groups} live here."),
        operators,
        contact: config.contact_email.clone().unwrap_or_default(),
        rules: Vec::new(),
    })
}

/// What was written under a hashtag.
///
/// # Errors
/// `Internal` only.
pub async fn tag(
    reader: Reader,
    path: web::Path<String>,
    part: web::Query<Part>,
) -> Result<HttpResponse> {
    let (written, part, lens) = (path.into_inner(), part.into_inner(), reader.lens());
    let tag = text::normal_tag(written.trim_start_matches('#'));
    let wanted = TagFilter { any: vec![tag.clone()], ..TagFilter::default() };
    let (posts, pager) = reader
        .app
        .read(move |conn| {
            let (filter, range) = (PublicFilter::default(), part.range(THREADS));
            let mut rows = timelines::tagged(conn, lens.viewer, &wanted, filter, &range, lens.now)?;
            let path = format!("/tags/{}", wanted.any.join(""));
            let pager = part.cut(&mut rows, THREADS, &path, |post| post.id.0);
            Ok((show::posts(conn, &lens, &rows)?, pager))
        })
        .await?;
    let page = Page { unlisted: true, ..reader.page(&format!("#{tag}")) };
    reader.html(&TagPage { page, tag, posts, pager })
}
