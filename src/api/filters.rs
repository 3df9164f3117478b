//! What members do not want to see: <https://docs.joinmastodon.org/methods/filters/>
//!
//! Posts say which filters found them, in whatever context: the client knows where it shows them.
use actix_web::web::Json;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    access::{Ctx, Member, PathId, scope},
    describe::{Api, Empty},
    entities::{Filter, FilterKeyword, FilterStatus, V1Filter},
    params::{self, Params},
};
use crate::{
    db::filters::FilterAction,
    domain::filters::{self, Ends, FilterChange, KeywordChange},
    error::{Error, Result},
    types::{FilterId, FilterKeywordId, FilterPostId, PostId, Time},
};

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.get("/api/v2/filters", all, "What you do not want to see")
        .post("/api/v2/filters", create, "Makes a filter")
        .get("/api/v2/filters/keywords/{id}", keyword, "One word of a filter")
        .put("/api/v2/filters/keywords/{id}", change_keyword, "Changes a word of a filter")
        .delete("/api/v2/filters/keywords/{id}", delete_keyword, "Takes a word out of a filter")
        .get("/api/v2/filters/statuses/{id}", status, "A post in a filter")
        .delete("/api/v2/filters/statuses/{id}", delete_status, "Takes a post out of a filter")
        .get("/api/v2/filters/{id}", one, "One filter")
        .put("/api/v2/filters/{id}", change, "Changes a filter")
        .delete("/api/v2/filters/{id}", delete, "Deletes a filter")
        .get("/api/v2/filters/{id}/keywords", keywords, "The words of a filter")
        .post("/api/v2/filters/{id}/keywords", add_keyword, "Adds a word to a filter")
        .get("/api/v2/filters/{id}/statuses", statuses, "The posts of a filter")
        .post("/api/v2/filters/{id}/statuses", add_status, "Adds a post to a filter")
        .get("/api/v1/filters", all_v1, "Every word you do not want to see")
        .post("/api/v1/filters", create_v1, "Makes a filter of one word")
        .get("/api/v1/filters/{id}", one_v1, "One word")
        .put("/api/v1/filters/{id}", change_v1, "Changes a word")
        .delete("/api/v1/filters/{id}", delete_v1, "Deletes a word; with the last one, its filter");
}

#[derive(Debug, Deserialize, JsonSchema)]
struct FilterForm {
    title: Option<String>,
    context: Option<Vec<String>>,
    #[schemars(extend("enum" = FilterAction::WORDS))]
    filter_action: Option<String>,
    /// Seconds from now; blank is never.
    #[schemars(with = "Option<i64>")]
    expires_in: Option<String>,
    #[serde(default)]
    keywords_attributes: Vec<KeywordForm>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct KeywordForm {
    #[serde(default, deserialize_with = "params::blank_or")]
    id: Option<FilterKeywordId>,
    keyword: Option<String>,
    whole_word: Option<bool>,
    #[serde(default, rename = "_destroy")]
    destroy: bool,
}

impl From<KeywordForm> for KeywordChange {
    fn from(form: KeywordForm) -> Self {
        Self {
            id: form.id,
            keyword: form.keyword,
            whole_word: form.whole_word,
            destroy: form.destroy,
        }
    }
}

/// When what is to last so many seconds ends; blank is never. A client that says `null` means the same.
fn ends(expires_in: Option<&str>, now: Time) -> Result<Option<Ends>> {
    let Some(text) = expires_in.map(str::trim) else { return Ok(None) };
    if text.is_empty() {
        return Ok(Some(Ends::Never));
    }
    let secs: f64 = text.parse().ok().filter(|secs: &f64| secs.is_finite()).ok_or_else(|| {
        Error::invalid("Validation failed: Expires in is not a number of seconds")
    })?;
    // A century is as good as never.
    let secs =
        format!("{:.0}", secs.clamp(0.0, 3_200_000_000.0)).parse().map_err(Error::internal)?;
    Ok(Some(Ends::At(now.plus_secs(secs))))
}

impl FilterForm {
    fn change(self, now: Time) -> Result<FilterChange> {
        let action = |word: &str| {
            FilterAction::from_word(word).ok_or_else(|| {
                Error::invalid("Validation failed: Filter action is not included in the list")
            })
        };
        Ok(FilterChange {
            title: self.title,
            contexts: self.context,
            action: self.filter_action.as_deref().map(action).transpose()?,
            ends: ends(self.expires_in.as_deref(), now)?,
            keywords: self.keywords_attributes.into_iter().map(KeywordChange::from).collect(),
        })
    }
}

async fn all(member: Member<scope::ReadFilters>, ctx: Ctx) -> Result<Json<Vec<Filter>>> {
    ctx.read(move |conn| {
        Ok(Json(filters::all(conn, member.id)?.iter().map(Filter::whole).collect()))
    })
    .await
}

async fn one(
    member: Member<scope::ReadFilters>,
    id: PathId<FilterId>,
    ctx: Ctx,
) -> Result<Json<Filter>> {
    ctx.read(move |conn| Ok(Json(Filter::whole(&filters::get(conn, member.id, id.0)?)))).await
}

async fn create(
    member: Member<scope::WriteFilters>,
    form: Params<FilterForm>,
    ctx: Ctx,
) -> Result<Json<Filter>> {
    let change = form.into_inner().change(ctx.now())?;
    ctx.write(move |tx| Ok(Json(Filter::whole(&filters::create(tx, member.id, change)?)))).await
}

async fn change(
    member: Member<scope::WriteFilters>,
    id: PathId<FilterId>,
    form: Params<FilterForm>,
    ctx: Ctx,
) -> Result<Json<Filter>> {
    let change = form.into_inner().change(ctx.now())?;
    ctx.write(move |tx| Ok(Json(Filter::whole(&filters::change(tx, member.id, id.0, change)?))))
        .await
}

async fn delete(
    member: Member<scope::WriteFilters>,
    id: PathId<FilterId>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    ctx.write(move |tx| {
        filters::delete(tx, member.id, id.0)?;
        Ok(Json(Empty {}))
    })
    .await
}

async fn keywords(
    member: Member<scope::ReadFilters>,
    id: PathId<FilterId>,
    ctx: Ctx,
) -> Result<Json<Vec<FilterKeyword>>> {
    ctx.read(move |conn| {
        let whole = filters::get(conn, member.id, id.0)?;
        Ok(Json(whole.keywords.iter().map(FilterKeyword::from).collect()))
    })
    .await
}

async fn add_keyword(
    member: Member<scope::WriteFilters>,
    id: PathId<FilterId>,
    form: Params<KeywordForm>,
    ctx: Ctx,
) -> Result<Json<FilterKeyword>> {
    let change = KeywordChange { id: None, destroy: false, ..form.into_inner().into() };
    ctx.write(move |tx| {
        let row = filters::change_keyword(tx, member.id, id.0, change)?.ok_or(Error::NotFound)?;
        Ok(Json(FilterKeyword::from(&row)))
    })
    .await
}

async fn keyword(
    member: Member<scope::ReadFilters>,
    id: PathId<FilterKeywordId>,
    ctx: Ctx,
) -> Result<Json<FilterKeyword>> {
    ctx.read(move |conn| Ok(Json(FilterKeyword::from(&filters::keyword(conn, member.id, id.0)?.0))))
        .await
}

async fn change_keyword(
    member: Member<scope::WriteFilters>,
    id: PathId<FilterKeywordId>,
    form: Params<KeywordForm>,
    ctx: Ctx,
) -> Result<Json<FilterKeyword>> {
    let change = KeywordChange { id: Some(id.0), destroy: false, ..form.into_inner().into() };
    ctx.write(move |tx| {
        let (_, filter) = filters::keyword(tx, member.id, id.0)?;
        let row = filters::change_keyword(tx, member.id, filter.id, change)?;
        Ok(Json(FilterKeyword::from(&row.ok_or(Error::NotFound)?)))
    })
    .await
}

async fn delete_keyword(
    member: Member<scope::WriteFilters>,
    id: PathId<FilterKeywordId>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    ctx.write(move |tx| {
        let (_, filter) = filters::keyword(tx, member.id, id.0)?;
        let change = KeywordChange { id: Some(id.0), destroy: true, ..KeywordChange::default() };
        filters::change_keyword(tx, member.id, filter.id, change)?;
        Ok(Json(Empty {}))
    })
    .await
}

async fn statuses(
    member: Member<scope::ReadFilters>,
    id: PathId<FilterId>,
    ctx: Ctx,
) -> Result<Json<Vec<FilterStatus>>> {
    ctx.read(move |conn| {
        let whole = filters::get(conn, member.id, id.0)?;
        Ok(Json(whole.posts.iter().map(FilterStatus::from).collect()))
    })
    .await
}

#[derive(Debug, Deserialize, JsonSchema)]
struct StatusForm {
    #[serde(default, deserialize_with = "params::blank_or")]
    status_id: Option<PostId>,
}

async fn add_status(
    member: Member<scope::WriteFilters>,
    id: PathId<FilterId>,
    form: Params<StatusForm>,
    ctx: Ctx,
) -> Result<Json<FilterStatus>> {
    let post = form.into_inner().status_id;
    let post = post.ok_or_else(|| Error::invalid("Validation failed: Status must exist"))?;
    ctx.write(move |tx| {
        Ok(Json(FilterStatus::from(&filters::add_post(tx, member.id, id.0, post)?)))
    })
    .await
}

async fn status(
    member: Member<scope::ReadFilters>,
    id: PathId<FilterPostId>,
    ctx: Ctx,
) -> Result<Json<FilterStatus>> {
    ctx.read(move |conn| Ok(Json(FilterStatus::from(&filters::post(conn, member.id, id.0)?)))).await
}

async fn delete_status(
    member: Member<scope::WriteFilters>,
    id: PathId<FilterPostId>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    ctx.write(move |tx| {
        filters::remove_post(tx, member.id, id.0)?;
        Ok(Json(Empty {}))
    })
    .await
}

/// A filter as the first version of the API has them: one word.
#[derive(Debug, Deserialize, JsonSchema)]
struct FormV1 {
    phrase: Option<String>,
    context: Option<Vec<String>>,
    irreversible: Option<bool>,
    whole_word: Option<bool>,
    #[schemars(with = "Option<i64>")]
    expires_in: Option<String>,
}

impl FormV1 {
    fn change(self, keyword: Option<FilterKeywordId>, now: Time) -> Result<FilterChange> {
        let action = |hide| if hide { FilterAction::Hide } else { FilterAction::Warn };
        Ok(FilterChange {
            title: self.phrase.clone(),
            contexts: self.context,
            action: self.irreversible.map(action),
            ends: ends(self.expires_in.as_deref(), now)?,
            keywords: vec![KeywordChange {
                id: keyword,
                keyword: self.phrase,
                whole_word: self.whole_word,
                destroy: false,
            }],
        })
    }
}

async fn all_v1(member: Member<scope::ReadFilters>, ctx: Ctx) -> Result<Json<Vec<V1Filter>>> {
    ctx.read(move |conn| {
        let all = filters::all(conn, member.id)?;
        let words = all
            .iter()
            .flat_map(|whole| whole.keywords.iter().map(|word| V1Filter::of(word, &whole.filter)));
        Ok(Json(words.collect()))
    })
    .await
}

async fn one_v1(
    member: Member<scope::ReadFilters>,
    id: PathId<FilterKeywordId>,
    ctx: Ctx,
) -> Result<Json<V1Filter>> {
    ctx.read(move |conn| {
        let (word, filter) = filters::keyword(conn, member.id, id.0)?;
        Ok(Json(V1Filter::of(&word, &filter)))
    })
    .await
}

async fn create_v1(
    member: Member<scope::WriteFilters>,
    form: Params<FormV1>,
    ctx: Ctx,
) -> Result<Json<V1Filter>> {
    let mut change = form.into_inner().change(None, ctx.now())?;
    for word in &mut change.keywords {
        // A phrase of the first version is found inside of words, unless it says otherwise.
        word.whole_word = Some(word.whole_word.unwrap_or(false));
    }
    ctx.write(move |tx| {
        let whole = filters::create(tx, member.id, change)?;
        let word = whole.keywords.first().ok_or(Error::NotFound)?;
        Ok(Json(V1Filter::of(word, &whole.filter)))
    })
    .await
}

async fn change_v1(
    member: Member<scope::WriteFilters>,
    id: PathId<FilterKeywordId>,
    form: Params<FormV1>,
    ctx: Ctx,
) -> Result<Json<V1Filter>> {
    let change = form.into_inner().change(Some(id.0), ctx.now())?;
    ctx.write(move |tx| {
        let (_, filter) = filters::keyword(tx, member.id, id.0)?;
        let alone = filters::get(tx, member.id, filter.id)?.keywords.len() == 1;
        // Of several words that share a filter, one client must not change the others' name.
        let title = change.title.clone().filter(|_| alone);
        filters::change(tx, member.id, filter.id, FilterChange { title, ..change })?;
        let (word, filter) = filters::keyword(tx, member.id, id.0)?;
        Ok(Json(V1Filter::of(&word, &filter)))
    })
    .await
}

/// The word; with the last one, its filter.
async fn delete_v1(
    member: Member<scope::WriteFilters>,
    id: PathId<FilterKeywordId>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    ctx.write(move |tx| {
        let (_, filter) = filters::keyword(tx, member.id, id.0)?;
        let whole = filters::get(tx, member.id, filter.id)?;
        if whole.keywords.len() == 1 && whole.posts.is_empty() {
            filters::delete(tx, member.id, filter.id)?;
        } else {
            let change =
                KeywordChange { id: Some(id.0), destroy: true, ..KeywordChange::default() };
            filters::change_keyword(tx, member.id, filter.id, change)?;
        }
        Ok(Json(Empty {}))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_ends_when_its_client_says() {
        let now = Time(1_000_000);
        assert_eq!(ends(None, now).unwrap(), None, "nothing said: nothing changes");
        assert_eq!(ends(Some(""), now).unwrap(), Some(Ends::Never), "blank: never");
        assert_eq!(ends(Some("60"), now).unwrap(), Some(Ends::At(now.plus_secs(60))));
        assert_eq!(ends(Some("60.0"), now).unwrap(), Some(Ends::At(now.plus_secs(60))));
        assert_eq!(ends(Some("-5"), now).unwrap(), Some(Ends::At(now)));
        assert!(ends(Some("soon"), now).is_err());
        assert!(ends(Some("NaN"), now).is_err());
    }
}
