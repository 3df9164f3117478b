//! `/search`: people, groups and words this node knows, for members what posts say, and whatever lives
//! at an address.
use actix_web::{HttpResponse, web};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    arriving,
    named::Part,
    reader::Reader,
    show::{self, Lens},
    views::{GroupLine, Page, Pager, Person, pages::SearchPage},
};
use crate::{
    db::{
        Conn,
        actors::{self, Actor},
        members, posts,
    },
    domain::search::{self, Wanted},
    error::{Error, Result},
    text,
    types::ActorId,
};

/// How many of a kind are shown.
const MOST: i64 = 20;

/// What is looked for.
#[derive(serde::Deserialize)]
pub struct Query {
    #[serde(default)]
    q: String,
}

/// The page of search. An address that leads to one thing leads there; for members this node asks
/// the server it names.
///
/// # Errors
/// `Internal` only: what is not found is said on the page.
pub async fn search(
    reader: Reader,
    query: web::Query<Query>,
    part: web::Query<Part>,
) -> Result<HttpResponse> {
    let asked: String = query.into_inner().q.trim().chars().take(500).collect();
    let mut template = SearchPage {
        page: Page { unlisted: true, ..reader.page("Search") },
        asked: asked.clone(),
        ..SearchPage::default()
    };
    if is_address(&asked) {
        match arriving::look_up(&reader, &asked).await {
            Ok(path) => return Ok(reader.go(&path)),
            Err(error) => template.problem = nothing_there(error)?,
        }
    } else if !asked.is_empty() {
        let (lens, part) = (reader.lens(), part.into_inner());
        let found = reader.app.read(move |conn| find(conn, &lens, &asked, part)).await?;
        template = SearchPage { page: template.page, asked: template.asked, ..found };
    }
    reader.html(&template)
}

/// Whether what was typed names one thing: a link, or a name with a server.
fn is_address(asked: &str) -> bool {
    let name = asked.strip_prefix("acct:").unwrap_or(asked);
    let handle = name.trim_start_matches(['@', '!']);
    asked.starts_with("https://")
        || asked.starts_with("http://")
        || (!handle.contains(char::is_whitespace)
            && handle
                .split_once('@')
                .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty()))
}

/// Why an address led nowhere, in words.
fn nothing_there(error: Error) -> Result<String> {
    match error {
        Error::Unauthorized => {
            Ok("This server does not know that address. Sign in, and it asks there.".to_owned())
        }
        Error::Internal(cause) => Err(Error::Internal(cause)),
        Error::Forbidden(why) => Ok(why),
        _ => {
            Ok("Nothing answers at that address. Check it, or try again in a few minutes."
                .to_owned())
        }
    }
}

fn find(conn: &mut Conn, lens: &Lens, asked: &str, part: Part) -> Result<SearchPage> {
    let word = asked.trim_start_matches(['@', '!', '#']).to_lowercase();
    if word.is_empty() {
        return Ok(SearchPage::default());
    }
    let said = said(conn, lens, asked, part)?;
    if part != Part::default() {
        return Ok(said);
    }
    let by_name = !asked.starts_with('#');
    let rows = if by_name { actors::search(conn, &word, 2 * MOST, 0)? } else { Vec::new() };
    let (groups, people): (Vec<Actor>, Vec<Actor>) = rows.into_iter().partition(Actor::is_group);
    let tags = posts::search_tags(conn, &text::normal_tag(&word), MOST)?;
    Ok(SearchPage {
        groups: group_lines(conn, lens, groups)?,
        people: persons(conn, lens, &people)?,
        tags,
        ..said
    })
}

/// Posts that say it, where a member asks.
fn said(conn: &mut Conn, lens: &Lens, asked: &str, part: Part) -> Result<SearchPage> {
    let Some(viewer) = lens.viewer else { return Ok(SearchPage::default()) };
    let wanted = Wanted { viewer, typed: asked, author: None, domain: &lens.domain };
    let mut rows = search::find(conn, wanted, &part.range(MOST), lens.now)?;
    let pager = part.cut(&mut rows, MOST, "", |post| post.id.0);
    let asked = utf8_percent_encode(asked, NON_ALPHANUMERIC);
    let link = |beside: String| match beside.strip_prefix('?') {
        Some(beside) => format!("/search?q={asked}&{beside}"),
        None => beside,
    };
    let pager = Pager { newer: link(pager.newer), older: link(pager.older) };
    Ok(SearchPage { posts: show::posts(conn, lens, &rows)?, pager, ..SearchPage::default() })
}

fn group_lines(conn: &mut Conn, lens: &Lens, mut rows: Vec<Actor>) -> Result<Vec<GroupLine>> {
    rows.truncate(usize::try_from(MOST).unwrap_or_default());
    show::group_lines(conn, lens, &rows)
}

fn persons(conn: &mut Conn, lens: &Lens, rows: &[Actor]) -> Result<Vec<Person>> {
    let most = usize::try_from(MOST).unwrap_or_default();
    let ids: Vec<ActorId> = rows.iter().map(|actor| actor.id).collect();
    let staff = members::staff_among(conn, &ids)?;
    show::people(conn, lens, rows.iter().take(most), |actor| staff.contains(&actor.id))
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn an_address_names_one_thing() {
        for address in [
            "@ana@oak.example",
            "!garden@elm.example",
            "acct:ana@oak.example",
            "https://elm.example/p/1",
        ] {
            assert!(is_address(address), "{address}");
        }
        for words in ["", "ana", "@ana", "#ask", "write to ana@oak.example"] {
            assert!(!is_address(words), "{words}");
        }
    }
}
