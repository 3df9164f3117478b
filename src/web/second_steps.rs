//! The second step of signing in: the page that asks for a code.
use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    web,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    auth::{self, Next},
    cookies::{self, Purpose},
    guard,
    posted::Posted,
    reader::Reader,
    views::{FlashKind, Form, signing_in::SecondStepPage},
};
use crate::{
    db,
    domain::{
        second_step::{self, Arrived},
        sessions,
    },
    error::{Error, Result},
};

/// On to the page that asks for a code, and back to `next` afterwards.
pub fn ask(reader: &Reader, cookie: String, next: &str) -> HttpResponse {
    let path = format!("/auth/code?next={}", utf8_percent_encode(next, NON_ALPHANUMERIC));
    let mut response = reader.going(&path);
    response.cookie(cookies::set(Purpose::Halfway, reader.app.origin(), cookie));
    response.finish()
}

/// The page that asks; whoever is not halfway begins with the password.
///
/// # Errors
/// `Internal` only.
pub async fn form(reader: Reader, next: web::Query<Next>) -> Result<HttpResponse> {
    let (cookie, now) = (reader.halfway().unwrap_or_default().to_owned(), reader.app.now());
    let halfway = reader.app.read(move |conn| second_step::is_halfway(conn, &cookie, now)).await?;
    let next = auth::local_path(next.path()).to_owned();
    if !halfway {
        let next = utf8_percent_encode(&next, NON_ALPHANUMERIC);
        return Ok(reader.go(&format!("/auth/sign_in?next={next}")));
    }
    page(&reader, Form::default().with("next", next), StatusCode::OK).await
}

async fn page(reader: &Reader, form: Form, status: StatusCode) -> Result<HttpResponse> {
    let app = auth::waiting_app(reader, form.value("next")).await?;
    reader.html_as(status, &SecondStepPage { page: reader.form_page("Your code"), app, form })
}

/// Takes the code: of the app, or one for when it is lost.
///
/// # Errors
/// `Internal` only; what is wrong is said on the page.
pub async fn arrive(posted: Posted) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let cookie = reader.halfway().unwrap_or_default().to_owned();
    let (typed, agent) = (posted.trimmed("code").to_owned(), reader.agent().to_owned());
    let old = reader.me.as_ref().map(|me| me.cookie.clone());
    let arrived = reader.app.write(move |tx| {
        let arrived = second_step::arrive(tx, &cookie, &typed, &agent)?;
        if let (Arrived::In(..), Some(old)) = (&arrived, old) {
            sessions::end(tx, &old)?;
        }
        Ok(arrived)
    });
    let again =
        |why: String| Form::default().with("next", posted.value("next")).with_problem("code", why);
    match arrived.await? {
        Arrived::In(id, cookie) => {
            let member =
                reader.app.read(move |conn| db::members::by_id(conn, id)?.ok_or(Error::NotFound));
            let member = member.await?;
            let next = auth::local_path(posted.value("next"));
            let mut response = auth::opened_by(reader, &member, cookie, next);
            let gone = cookies::gone(Purpose::Halfway, reader.app.origin());
            response.add_cookie(&gone).map_err(Error::internal)?;
            Ok(response)
        }
        Arrived::Wrong => {
            let why =
                "This code is not right, or was used before. Wait for the next one in your app.";
            page(reader, again(why.to_owned()), StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Arrived::Wait(secs) => {
            let why =
                format!("Too many codes in a row were wrong. Try again in {}.", guard::wait(secs));
            let mut page = page(reader, again(why), StatusCode::TOO_MANY_REQUESTS).await?;
            page.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(secs));
            Ok(page)
        }
        Arrived::Over => {
            let next =
                utf8_percent_encode(auth::local_path(posted.value("next")), NON_ALPHANUMERIC);
            let path = format!("/auth/sign_in?next={next}");
            let words =
                "That took too long, or too many codes were wrong. Begin again with your password.";
            Ok(reader.go_saying(&path, FlashKind::Wrong, words))
        }
    }
}
