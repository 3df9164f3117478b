//! `/settings/two-factor`: a member sets up an app that makes codes, gets recovery codes, or ends it.
use std::fmt::Write as _;

use actix_web::{HttpResponse, http::header};
use fast_qr::{ECL, QRBuilder};

use super::{
    guard, passwords,
    posted::Posted,
    reader::Reader,
    views::{
        FlashKind, Form,
        signing_in::{AppSecret, RecoveryCodesPage, TwoFactor, TwoFactorPage},
        words,
    },
};
use crate::{
    db,
    domain::second_step::{self, Checked},
    error::{Error, Result},
    keys::one_time,
};

/// How it stands: off, or on since when.
///
/// # Errors
/// `Unauthorized` for visitors.
pub async fn show(reader: Reader) -> Result<HttpResponse> {
    standing(&reader, Form::default()).await
}

async fn standing(reader: &Reader, form: Form) -> Result<HttpResponse> {
    let me = reader.member()?.actor.id;
    let (since, left) = reader
        .app
        .read(move |conn| {
            Ok((second_step::on_since(conn, me)?, db::second_steps::codes_left(conn, me)?))
        })
        .await?;
    let left = u64::try_from(left).unwrap_or_default();
    let state = match since {
        None => TwoFactor::Off,
        Some(since) => TwoFactor::On {
            since: words::day(since),
            left: words::count(left, "recovery code", "recovery codes"),
        },
    };
    page(reader, state, form)
}

fn page(reader: &Reader, state: TwoFactor, form: Form) -> Result<HttpResponse> {
    let again = !form.is_fine();
    let page = TwoFactorPage { page: reader.page("Two-factor"), state, form };
    if again { reader.html_again(&page) } else { reader.html(&page) }
}

/// Begins: shows what the app needs, after the password.
///
/// # Errors
/// `Unauthorized` for visitors, `Conflict` where it is on already.
pub async fn begin(posted: Posted) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let wrong = passwords::check(reader, posted.value("password")).await?;
    if !wrong.is_empty() {
        return standing(reader, Form::default().with_problem("password", wrong)).await;
    }
    let me = reader.member()?.actor.id;
    let secret = reader.app.write(move |tx| second_step::set_up(tx, me)).await?;
    set_up_page(reader, &secret, Form::default())
}

fn set_up_page(reader: &Reader, secret: &str, form: Form) -> Result<HttpResponse> {
    let me = &reader.member()?.actor.name;
    let account = format!("{me}@{}", reader.app.domain());
    let address = one_time::app_address(secret, &account, reader.node())?;
    let (side, dark) = qr_code(&address)?;
    let letters: Vec<char> = secret.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    let app = AppSecret { side, dark, secret: groups.join(" "), address };
    page(reader, TwoFactor::SettingUp(app), form)
}

/// A QR code: how many squares its side has, and its dark ones as the path of an SVG.
fn qr_code(text: &str) -> Result<(usize, String)> {
    let code = QRBuilder::new(text).ecl(ECL::M).build().map_err(Error::internal)?;
    let mut path = String::new();
    for y in 0..code.size {
        let Some(row) = code.data.get(y * code.size..(y + 1) * code.size) else { continue };
        let mut x = 0;
        for run in row.chunk_by(|one, other| one.value() == other.value()) {
            if run.first().is_some_and(|module| module.value()) {
                // A text takes whatever is written into it.
                let _ = write!(path, "M{x} {y}h{0}v1h-{0}z", run.len());
            }
            x += run.len();
        }
    }
    Ok((code.size, path))
}

/// Switches it on once the app made the right code, and shows the recovery codes, this once.
///
/// # Errors
/// `Unauthorized` for visitors, `Conflict` where nothing is being set up.
pub async fn finish(posted: Posted) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let me = reader.member()?.actor.id;
    let typed = posted.trimmed("code").to_owned();
    let (codes, secret) = reader
        .app
        .write(move |tx| {
            let codes = second_step::switch_on(tx, me, &typed)?;
            Ok((codes, second_step::unfinished(tx, me)?))
        })
        .await?;
    match (codes, secret) {
        (Some(codes), _) => codes_page(reader, codes, true),
        (None, Some(secret)) => {
            let why = "This is not the code of now. Check that the clock of your phone is right, and type the code it shows.";
            set_up_page(reader, &secret, Form::default().with_problem("code", why))
        }
        (None, None) => Err(Error::Conflict("Begin again: nothing is set up".into())),
    }
}

fn codes_page(reader: &Reader, codes: Vec<String>, first: bool) -> Result<HttpResponse> {
    let mut answer =
        reader.html(&RecoveryCodesPage { page: reader.page("Recovery codes"), first, codes })?;
    answer
        .headers_mut()
        .insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// The recovery codes as a file: those that the page shows, sent back by its own form, since nobody
/// else has them.
///
/// # Errors
/// `Unauthorized` for visitors, `Invalid` for what are no such codes.
pub async fn file(posted: Posted) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let me = &reader.member()?.actor.name;
    let codes: Vec<&str> = posted.values("code").take(second_step::RECOVERY_CODES).collect();
    let fits = |code: &&str| {
        code.len() == 19
            && code.bytes().all(|b| b == b'-' || b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    if codes.is_empty() || !codes.iter().all(fits) {
        return Err(Error::invalid("These are no recovery codes"));
    }
    let domain = reader.app.domain();
    let text = format!(
        "Recovery codes of {me}@{domain}\nEach lets you in once, with your password, when you do not have your phone.\n\n{}\n",
        codes.join("\n")
    );
    let name = format!("attachment; filename=\"recovery-codes-{me}.txt\"");
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, name))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(text))
}

/// What is wrong with a code of a member who is signed in; empty if nothing is.
async fn wrong_code(reader: &Reader, typed: &str) -> Result<String> {
    let (me, typed) = (reader.member()?.actor.id, typed.to_owned());
    Ok(match reader.app.write(move |tx| second_step::check(tx, me, &typed)).await? {
        Checked::Right => String::new(),
        Checked::Wrong => {
            "This code is not right, or was used before. Wait for the next one in your app.".into()
        }
        Checked::Wait(secs) => {
            format!("Too many in a row were wrong. Try again in {}.", guard::wait(secs))
        }
    })
}

/// New recovery codes, against a code.
///
/// # Errors
/// `Unauthorized` for visitors, `Conflict` where two-factor is not on.
pub async fn new_codes(posted: Posted) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let wrong = wrong_code(reader, posted.trimmed("new_codes_code")).await?;
    if !wrong.is_empty() {
        return standing(reader, Form::default().with_problem("new_codes_code", wrong)).await;
    }
    let me = reader.member()?.actor.id;
    let codes = reader.app.write(move |tx| second_step::new_codes(tx, me)).await?;
    codes_page(reader, codes, false)
}

/// Switches it off, against password and code.
///
/// # Errors
/// `Unauthorized` for visitors, `Conflict` where it is not on.
pub async fn switch_off(posted: Posted) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let mut form = Form::default();
    let wrong = passwords::check(reader, posted.value("password")).await?;
    if !wrong.is_empty() {
        form.wrong("password", wrong);
        return standing(reader, form).await;
    }
    let wrong = wrong_code(reader, posted.trimmed("code")).await?;
    if !wrong.is_empty() {
        form.wrong("code", wrong);
        return standing(reader, form).await;
    }
    let me = reader.member()?.actor.id;
    reader.app.write(move |tx| second_step::switch_off(tx, Some(me), me)).await?;
    let words = "Two-factor is off. Your password alone lets you in.";
    Ok(reader.go_saying("/settings/sign-in", FlashKind::Done, words))
}

#[cfg(test)]
mod tests {
    use super::qr_code;

    #[test]
    fn a_qr_code_is_drawn_whole() {
        let (side, path) =
            qr_code("otpauth://totp/Oak:ana?secret=GEZDGNBVGY3TQOJQ&issuer=Oak").unwrap();
        assert!(side >= 21 && (side - 17) % 4 == 0, "{side}");
        // The corner squares that readers look for are seven wide.
        assert!(path.starts_with("M0 0h7v1h-7z"), "{path}");
        assert!(path.contains(&format!("M{} 0h7v1h-7z", side - 7)), "{path}");
        assert!(path.contains(&format!("M0 {}h7v1h-7z", side - 1)), "{path}");
    }
}
