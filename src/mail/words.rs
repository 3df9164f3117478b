//! What the letters say: short, plain text, and what to do if it was not you.
use lettre::message::header::{Header, HeaderName, HeaderValue};

use crate::types::Time;

/// The node that writes.
pub struct Node<'n> {
    /// Its name.
    pub name: &'n str,
    /// Where it is reached; ends with a slash.
    pub origin: String,
}

/// Subject and body of a letter.
pub struct Words {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// Says that a program wrote it, so that no other program answers:
/// [RFC 3834](https://www.rfc-editor.org/rfc/rfc3834).
#[derive(Clone, Copy, Debug)]
pub struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

fn letter(node: &Node, name: &str, subject: &str, lines: &[String]) -> Words {
    let mut body = format!("Hello {name},\n\n");
    for line in lines {
        body.push_str(line);
        body.push_str("\n\n");
    }
    for line in [node.name, &node.origin] {
        body.push_str(line);
        body.push('\n');
    }
    Words { subject: subject.to_owned(), body }
}

fn link(node: &Node, path: &str, token: &str) -> String {
    format!("{}{path}?token={token}", node.origin)
}

/// Confirm your address.
pub fn confirm(node: &Node, name: &str, token: &str) -> Words {
    let lines = [
        format!("somebody gave this e-mail address for the account {name} at {}. If that was you, open this link and confirm it:", node.name),
        link(node, "auth/confirm", token),
        "It works once, for three days. If it was not you, do nothing: without you the address is not used.".to_owned(),
    ];
    letter(node, name, &format!("Confirm your e-mail address at {}", node.name), &lines)
}

/// Choose a new password.
pub fn reset(node: &Node, name: &str, token: &str) -> Words {
    let lines = [
        format!("somebody asked for a new password for your account {name} at {}. If that was you, open this link and choose one:", node.name),
        link(node, "auth/reset", token),
        "It works once, for two hours. If it was not you, do nothing: your password stays as it is.".to_owned(),
    ];
    letter(node, name, &format!("Choose a new password at {}", node.name), &lines)
}

/// Another address was asked for.
pub fn address_asked(node: &Node, name: &str, email: &str) -> Words {
    let lines = [
        format!(
            "your account {name} at {} will use another e-mail address once it is confirmed there: {email}",
            node.name
        ),
        not_you(node),
    ];
    letter(node, name, &format!("Your e-mail address at {}", node.name), &lines)
}

/// The password is another one.
pub fn password_changed(node: &Node, name: &str, at: Time) -> Words {
    let lines = [
        format!(
            "the password of your account {name} at {} was changed on {}. Everywhere else you sign in again.",
            node.name,
            moment(at)
        ),
        not_you(node),
    ];
    letter(node, name, &format!("Your password at {} was changed", node.name), &lines)
}

/// No code is asked for any more.
pub fn second_step_off(node: &Node, name: &str, at: Time) -> Words {
    let lines = [
        format!(
            "two-factor was switched off for your account {name} at {} on {}. From now on your password alone lets you in.",
            node.name,
            moment(at)
        ),
        not_you(node),
    ];
    letter(node, name, &format!("Two-factor at {} is off", node.name), &lines)
}

fn not_you(node: &Node) -> String {
    format!(
        "If that was not you, choose a new password at once: {}auth/forgot. Then tell the people who run the server.",
        node.origin
    )
}

fn moment(at: Time) -> String {
    at.date_time().format("%-d %B %Y at %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_plain_and_say_what_to_do() {
        let node = Node { name: "Oak Street", origin: "https://oak.example/".into() };
        let at = Time::parse("2026-11-21T12:00:00Z").unwrap();
        let all = [
            confirm(&node, "ana", "t0ken"),
            reset(&node, "ana", "t0ken"),
            address_asked(&node, "ana", "ana@elm.example"),
            password_changed(&node, "ana", at),
            second_step_off(&node, "ana", at),
        ];
        for Words { subject, body } in &all {
            assert!(subject.contains("Oak Street") && subject.len() < 70, "{subject}");
            assert!(body.starts_with("Hello ana,\n\n"), "{body}");
            assert!(body.contains("not you"), "{body}");
            assert!(body.ends_with("Oak Street\nhttps://oak.example/\n"), "{body}");
        }
        assert!(all[0].body.contains("\nhttps://oak.example/auth/confirm?token=t0ken\n"));
        assert!(all[1].body.contains("\nhttps://oak.example/auth/reset?token=t0ken\n"));
        assert!(all[3].body.contains("21 November 2026 at 12:00 UTC"));
    }
}
