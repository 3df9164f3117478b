//! The files themselves: those of members, and copies of those of other servers.
use std::ops::Range;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    body::SizedStream,
    http::{Method, StatusCode, header},
    web,
};
use futures_util::stream::{self, StreamExt as _};

use super::access::Ctx;
use crate::{
    app::App,
    db,
    error::{Error, Result},
    media::{self, Belongs, CACHE, FileKind},
    types::{ActorId, EmojiId, MediaId},
};

const FOR_EVER: &str = "public, max-age=31536000, immutable";
const A_DAY: &str = "public, max-age=86400";
const FIVE_MINUTES: &str = "public, max-age=300";

/// The routes of files.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/media/proxy/{belongs}/{id}/{tag}")
                .route(web::get().to(copy))
                .route(web::head().to(copy)),
        )
        .service(
            web::resource("/media/{path:.*}")
                .route(web::get().to(serve))
                .route(web::head().to(serve)),
        );
}

/// A file under `/media/`. What has a random name never changes and may be kept for ever.
async fn serve(request: HttpRequest, path: web::Path<String>, ctx: Ctx) -> Result<HttpResponse> {
    let path = path.into_inner();
    if let Some(picture) = media::default_picture(&format!("/media/{path}")) {
        let tag = format!("\"{path}\"");
        if is_known(&request, &tag) {
            return Ok(answer(StatusCode::NOT_MODIFIED, "image/png", &tag, A_DAY).finish());
        }
        return Ok(answer(StatusCode::OK, "image/png", &tag, A_DAY).body(picture));
    }
    // Copies of files of other servers have addresses of their own.
    if path.starts_with(CACHE) {
        return Err(Error::NotFound);
    }
    send(&request, &ctx, &path, FOR_EVER).await
}

/// A copy of a file of another server.
async fn copy(
    request: HttpRequest,
    path: web::Path<(String, i64, String)>,
    ctx: Ctx,
) -> Result<HttpResponse> {
    let (belongs, id, tag) = path.into_inner();
    let belongs = Belongs::from_word(&belongs).ok_or(Error::NotFound)?;
    let (url, host) = origin(&ctx, belongs, id).await?;
    if media::tag(&url) != tag {
        return Err(Error::NotFound);
    }
    if !ctx.config().media.proxy {
        // Pages may be older than the setting.
        return Ok(HttpResponse::Found()
            .insert_header((header::LOCATION, url))
            .insert_header((header::CACHE_CONTROL, FIVE_MINUTES))
            .finish());
    }
    let copied = match belongs {
        Belongs::File | Belongs::Avatar | Belongs::Header => ctx.copy_of(&url, &host).await,
        Belongs::Emoji => ctx.emoji_copy_of(&url, &host).await,
        Belongs::StillEmoji => ctx.still_copy_of(&url, &host).await,
    };
    match copied {
        Ok(path) => send(&request, &ctx, &path, FOR_EVER).await,
        // Readers are never sent there instead: that would tell who they are.
        Err(Error::Unreachable(_)) => Ok(HttpResponse::BadGateway()
            .content_type("text/plain; charset=utf-8")
            .body("The server of this file does not answer just now.")),
        Err(error) => Err(error),
    }
}

/// Where a file of another server is, and the host of whom it belongs to.
async fn origin(ctx: &App, belongs: Belongs, id: i64) -> Result<(String, String)> {
    ctx.read(move |conn| {
        let (url, owner) = match belongs {
            Belongs::File => {
                let row = db::media::by_id(conn, MediaId(id))?.ok_or(Error::NotFound)?;
                (row.remote_url, db::actors::by_id(conn, row.owner_id)?)
            }
            Belongs::Avatar => {
                let actor = db::actors::by_id(conn, ActorId(id))?;
                (actor.avatar.clone(), actor)
            }
            Belongs::Header => {
                let actor = db::actors::by_id(conn, ActorId(id))?;
                (actor.header.clone(), actor)
            }
            Belongs::Emoji | Belongs::StillEmoji => {
                let row = db::emojis::by_id(conn, EmojiId(id))?.filter(|row| !row.disabled);
                let row = row.ok_or(Error::NotFound)?;
                return Ok((row.version().ok_or(Error::NotFound)?, row.host));
            }
        };
        Ok((url.filter(|_| !owner.local).ok_or(Error::NotFound)?, owner.host))
    })
    .await
}

fn answer(status: StatusCode, kind: &str, tag: &str, keep: &'static str) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((header::CONTENT_TYPE, kind))
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, keep))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        // Packing what is packed already helps nobody, and pieces must be pieces of the file.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header(("Cross-Origin-Resource-Policy", "cross-origin"));
    response
}

/// The file at `path` of the store, or the piece of it that is asked for; little by little.
async fn send(
    request: &HttpRequest,
    ctx: &App,
    path: &str,
    keep: &'static str,
) -> Result<HttpResponse> {
    let extension = path.rsplit_once('.').map(|(_, extension)| extension);
    // By the end of its name, which is ours. What was only uploaded has another.
    let kind = extension.and_then(FileKind::of_extension).ok_or(Error::NotFound)?.content_type();
    let tag = format!("\"{path}\"");
    if is_known(request, &tag) {
        return Ok(answer(StatusCode::NOT_MODIFIED, kind, &tag, keep).finish());
    }
    let size = ctx.store().size(path).await?;
    let (status, range) = match wanted(request, &tag, size) {
        Wanted::All => (StatusCode::OK, 0..size),
        Wanted::Piece(range) => (StatusCode::PARTIAL_CONTENT, range),
        Wanted::Nothing => {
            return Ok(answer(StatusCode::RANGE_NOT_SATISFIABLE, kind, &tag, "no-store")
                .insert_header((header::CONTENT_RANGE, format!("bytes */{size}")))
                .finish());
        }
    };
    let mut response = answer(status, kind, &tag, keep);
    if status == StatusCode::PARTIAL_CONTENT {
        let (first, last) = (range.start, range.end.saturating_sub(1));
        response.insert_header((header::CONTENT_RANGE, format!("bytes {first}-{last}/{size}")));
    }
    let length = range.end.saturating_sub(range.start);
    let pieces = if request.method() == Method::HEAD {
        stream::empty().boxed()
    } else {
        ctx.store().stream(path, range).await?
    };
    Ok(response.body(SizedStream::new(length, pieces)))
}

fn text<'a>(request: &'a HttpRequest, name: &header::HeaderName) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

fn is_known(request: &HttpRequest, tag: &str) -> bool {
    text(request, &header::IF_NONE_MATCH).is_some_and(|known| known.contains(tag))
}

/// Which part of a file is asked for.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    All,
    Piece(Range<u64>),
    /// None that there is.
    Nothing,
}

fn wanted(request: &HttpRequest, tag: &str, size: u64) -> Wanted {
    let same = text(request, &header::IF_RANGE).is_none_or(|known| known == tag);
    match text(request, &header::RANGE).filter(|_| same) {
        Some(range) => piece(range, size),
        None => Wanted::All,
    }
}

/// Reads one range of bytes. Several at once, or other units, may be ignored, and are
/// ([RFC 9110](https://www.rfc-editor.org/rfc/rfc9110#section-14.2)).
fn piece(text: &str, size: u64) -> Wanted {
    let Some((first, last)) = text.strip_prefix("bytes=").and_then(|text| text.split_once('-'))
    else {
        return Wanted::All;
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let range = match (first.trim(), last.trim()) {
        ("", last) => match number(last) {
            Some(count) => size.saturating_sub(count)..size,
            None => return Wanted::All,
        },
        (first, "") => match number(first) {
            Some(first) => first..size,
            None => return Wanted::All,
        },
        (first, last) => match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(size),
            _ => return Wanted::All,
        },
    };
    if range.start < range.end { Wanted::Piece(range) } else { Wanted::Nothing }
}

#[cfg(test)]
mod tests {
    use actix_web::{App as Server, test};

    use super::*;
    use crate::config::Config;

    #[test]
    async fn a_piece_of_a_file_is_read_from_a_header() {
        for (text, found) in [
            ("bytes=0-0", Wanted::Piece(0..1)),
            ("bytes=2-5", Wanted::Piece(2..6)),
            ("bytes=2-", Wanted::Piece(2..10)),
            ("bytes=8-100", Wanted::Piece(8..10)),
            ("bytes=-3", Wanted::Piece(7..10)),
            ("bytes=-30", Wanted::Piece(0..10)),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=99-200", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=5-2", Wanted::All),
            ("bytes=0-1,4-5", Wanted::All),
            ("bytes=a-b", Wanted::All),
            ("bytes=-", Wanted::All),
            ("bytes", Wanted::All),
            ("lines=1-2", Wanted::All),
            ("bytes=99999999999999999999-", Wanted::All),
        ] {
            assert_eq!(piece(text, 10), found, "{text}");
        }
        assert_eq!(piece("bytes=0-", 0), Wanted::Nothing);
    }

    #[test]
    async fn files_are_served_for_ever_and_can_do_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().display();
        let env = [
            ("COMMONHOLD_DATA_DIR", path.to_string()),
            ("COMMONHOLD_DATABASE_URL", format!("sqlite:{path}/test.db")),
        ];
        let config = Config::load(None, env.into_iter().map(|(k, v)| (k.to_owned(), v))).unwrap();
        let ctx = Ctx::new(App::open(config).unwrap());
        let kept = ctx.store().put(b"a picture".to_vec().into(), "png").await.unwrap();
        let secret = ctx.store().put(b"<script>".to_vec().into(), "html").await.unwrap();
        let draft = ctx.store().put(b"as it came".to_vec().into(), "raw").await.unwrap();
        let server = test::init_service(Server::new().app_data(ctx).configure(routes)).await;
        let ask = async |method: Method, path: &str, name: header::HeaderName, value: &str| {
            let request =
                test::TestRequest::with_uri(path).method(method).insert_header((name, value));
            test::call_service(&server, request.to_request()).await
        };

        let place = format!("/media/{kept}");
        let response = ask(Method::GET, &place, header::ACCEPT, "*/*").await;
        assert_eq!(response.status(), StatusCode::OK);
        let headers = response.headers().clone();
        let header = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "image/png");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("accept-ranges"), "bytes");
        assert!(header("content-security-policy").contains("sandbox"));
        assert!(header("cache-control").contains("immutable"));
        assert_eq!(test::read_body(response).await, "a picture");
        let again = ask(Method::GET, &place, header::IF_NONE_MATCH, &header("etag")).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        let head = ask(Method::HEAD, &place, header::ACCEPT, "*/*").await;
        assert_eq!(head.status(), StatusCode::OK);
        let piece = ask(Method::GET, &place, header::RANGE, "bytes=2-4").await;
        assert_eq!(piece.status(), StatusCode::PARTIAL_CONTENT);
        assert_eq!(piece.headers().get("content-range").unwrap(), "bytes 2-4/9");
        assert_eq!(test::read_body(piece).await, "pic");
        let nothing = ask(Method::GET, &place, header::RANGE, "bytes=9-").await;
        assert_eq!(nothing.status(), StatusCode::RANGE_NOT_SATISFIABLE);
        assert_eq!(nothing.headers().get("content-range").unwrap(), "bytes */9");

        let default = ask(Method::GET, media::DEFAULT_AVATAR, header::ACCEPT, "*/*").await;
        assert!(test::read_body(default).await.starts_with(b"\x89PNG"));
        for path in [
            format!("/media/{secret}"),
            format!("/media/{draft}"),
            format!("/media/cache/{kept}"),
            "/media/../test.db".into(),
            "/media/..%2ftest.db".into(),
            "/media/%2e%2e/test.db.png".into(),
            "/media//etc/passwd.png".into(),
            "/media/aa/bb/none.png".into(),
            "/media/proxy/file/1/abc".into(),
            "/media/proxy/avatar/1/abc".into(),
            "/media/proxy/emoji/1/abc".into(),
            "/media/proxy/emoji-still/1/abc".into(),
            "/media/proxy/http/1/abc".into(),
        ] {
            let status = ask(Method::GET, &path, header::ACCEPT, "*/*").await.status();
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        }
    }
}
