//! `/operator/emoji`: the node's own emoji.
use actix_web::{HttpResponse, web};

use super::{
    operator::{frame, operator},
    posted::Posted,
    reader::Reader,
    refusal,
    views::{
        FlashKind, Form,
        operator::{EmojiLine, EmojisPage},
    },
};
use crate::{
    db::{self, emojis::Emoji},
    domain::emojis::{self, NewEmoji},
    error::{Error, Result},
    tasks::{self, Task},
};

/// How many stand on a page.
const PAGE: i64 = 100;
const AT: &str = "/operator/emoji";

/// Which part of the list.
#[derive(serde::Deserialize)]
pub struct Query {
    #[serde(default)]
    after: String,
}

/// The list, and the form for one more.
///
/// # Errors
/// `Forbidden` for everyone but operators.
pub async fn show(reader: Reader, query: web::Query<Query>) -> Result<HttpResponse> {
    operator(&reader)?;
    page(&reader, query.into_inner().after, Form::default()).await
}

async fn page(reader: &Reader, after: String, form: Form) -> Result<HttpResponse> {
    let begun = !after.is_empty();
    let mut rows =
        reader.app.read(move |conn| Ok(db::emojis::list(conn, "", &after, PAGE + 1)?)).await?;
    let most = usize::try_from(PAGE).unwrap_or_default();
    let more = rows.len() > most;
    rows.truncate(most);
    let next = rows.last().filter(|_| more).map(|row| format!("{AT}?after={}", row.shortcode));
    let again = !form.is_fine();
    let page = EmojisPage {
        page: frame(reader, "Emoji"),
        emojis: rows.iter().map(line).collect(),
        next: next.unwrap_or_default(),
        begun,
        form,
    };
    if again { reader.html_again(&page) } else { reader.html(&page) }
}

fn line(row: &Emoji) -> EmojiLine {
    let still = row.still_path.as_deref().unwrap_or_default();
    EmojiLine {
        name: row.shortcode.clone(),
        url: format!("/media/{}", still.trim_start_matches('/')),
        category: row.category.clone().unwrap_or_default(),
        hidden: !row.visible_in_picker,
        disabled: row.disabled,
    }
}

/// Adds one, or gives the one of that name another picture.
///
/// # Errors
/// `Forbidden` for everyone but operators; what is wrong is said on the form.
pub async fn add(mut posted: Posted) -> Result<HttpResponse> {
    let by = Some(operator(&posted.reader)?.actor.id);
    let form = posted.form();
    let name = posted.trimmed("name").trim_matches(':').to_owned();
    if let Err(error) = emojis::check_name(&name) {
        let why = refusal::sentence(error)?;
        return page(&posted.reader, String::new(), form.with_problem("name", why)).await;
    }
    let Some(file) = posted.take_file("picture") else {
        let form = form.with_problem("picture", "Choose a picture.");
        return page(&posted.reader, String::new(), form).await;
    };
    let new = NewEmoji {
        shortcode: name.clone(),
        category: Some(posted.trimmed("category").to_owned()),
        hidden: form.ticked("hidden"),
        ..NewEmoji::default()
    };
    match posted.reader.app.add_emoji(by, new, file.bytes).await {
        Ok(_) => Ok(posted.reader.go_saying(AT, FlashKind::Done, format!(":{name}: is there."))),
        Err(error @ Error::Invalid(_)) => {
            let form = form.with_problem("picture", refusal::sentence(error)?);
            page(&posted.reader, String::new(), form).await
        }
        Err(error) => Err(error),
    }
}

/// Takes one away.
///
/// # Errors
/// `Forbidden` for everyone but operators, `NotFound` where there is none.
pub async fn remove(posted: Posted, name: web::Path<String>) -> Result<HttpResponse> {
    let by = Some(operator(&posted.reader)?.actor.id);
    let name = name.into_inner();
    let said = format!(":{name}: is gone.");
    let removing = posted.reader.app.write(move |tx| {
        let paths = emojis::remove(tx, by, &name)?;
        tasks::enqueue(tx, &Task::DeleteFiles { paths })
    });
    removing.await?;
    Ok(posted.reader.go_saying(AT, FlashKind::Done, said))
}
