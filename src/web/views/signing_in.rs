//! The pages of signing in, and of what a member sets and sees of it.
use askama::Template;

use super::{Form, Page, When};

/// `/auth/code`
#[derive(Debug, Default, Template)]
#[template(path = "second_step.html")]
pub struct SecondStepPage {
    /// The frame.
    pub page: Page,
    /// The app that waits for it; may be empty.
    pub app: String,
    /// What was typed, and what is wrong with it.
    pub form: Form,
}

/// `/auth/forgot`
#[derive(Debug, Default, Template)]
#[template(path = "forgot.html")]
pub struct ForgotPage {
    /// The frame.
    pub page: Page,
    /// Whether a link can be sent.
    pub mail: bool,
    /// How to reach those who run the node; may be empty.
    pub contact: String,
    /// What was typed, and what is wrong with it.
    pub form: Form,
}

/// `/auth/reset`
#[derive(Debug, Default, Template)]
#[template(path = "reset.html")]
pub struct ResetPage {
    /// The frame.
    pub page: Page,
    /// Whose password.
    pub name: String,
    /// The token of the link.
    pub token: String,
    /// What is wrong with what was typed.
    pub form: Form,
}

/// A browser in which one is signed in.
#[derive(Clone, Debug, Default)]
pub struct SessionLine {
    /// What it is called in addresses.
    pub id: String,
    /// `Firefox on Windows`.
    pub browser: String,
    /// Signed in.
    pub since: When,
    /// Last used.
    pub seen: When,
    /// Whether it is this one.
    pub here: bool,
}

/// Something that happened to the account.
#[derive(Clone, Debug, Default)]
pub struct HappenedLine {
    /// What, as a sentence.
    pub what: String,
    /// When.
    pub when: When,
}

/// `/settings/sign-in`
#[derive(Debug, Default, Template)]
#[template(path = "settings_sign_in.html")]
pub struct SignInSettingsPage {
    /// The frame.
    pub page: Page,
    /// Since when two-factor is on, `6 December 2026`; empty where it is off.
    pub two_factor: String,
    /// Where one is signed in.
    pub sessions: Vec<SessionLine>,
    /// What happened lately, newest first.
    pub happened: Vec<HappenedLine>,
}

/// What an app needs to make codes.
#[derive(Clone, Debug, Default)]
pub struct AppSecret {
    /// Squares of the QR code's side.
    pub side: usize,
    /// Its dark squares, the path of an SVG.
    pub dark: String,
    /// The secret in groups of four letters, to be typed.
    pub secret: String,
    /// `otpauth://..`, for an app on the same device.
    pub address: String,
}

impl AppSecret {
    /// The QR code's box, with the light rim that readers need.
    pub fn view_box(&self) -> String {
        format!("-4 -4 {0} {0}", self.side + 8)
    }
}

/// How it stands with two-factor.
#[derive(Clone, Debug, Default)]
pub enum TwoFactor {
    /// It is off.
    #[default]
    Off,
    /// An app is being set up.
    SettingUp(AppSecret),
    /// It is on.
    On {
        /// `6 December 2026`.
        since: String,
        /// `8 recovery codes`.
        left: String,
    },
}

/// `/settings/two-factor`
#[derive(Debug, Default, Template)]
#[template(path = "two_factor.html")]
pub struct TwoFactorPage {
    /// The frame.
    pub page: Page,
    /// How it stands.
    pub state: TwoFactor,
    /// What is wrong with what was typed.
    pub form: Form,
}

/// The recovery codes, shown this once.
#[derive(Debug, Default, Template)]
#[template(path = "recovery_codes.html")]
pub struct RecoveryCodesPage {
    /// The frame.
    pub page: Page,
    /// Whether two-factor was switched on just now.
    pub first: bool,
    /// The codes.
    pub codes: Vec<String>,
}

/// An app that acts for the member.
#[derive(Clone, Debug, Default)]
pub struct AppLine {
    /// What it is called in addresses.
    pub id: String,
    /// Its own name for itself.
    pub name: String,
    /// The page of its makers, by their word; may be empty.
    pub website: String,
    /// What it may do, in words.
    pub may: Vec<String>,
    /// Let in.
    pub since: When,
}

/// `/settings/apps`
#[derive(Debug, Default, Template)]
#[template(path = "settings_apps.html")]
pub struct AppsPage {
    /// The frame.
    pub page: Page,
    /// The apps, the last let in first.
    pub apps: Vec<AppLine>,
}
