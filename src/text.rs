//! Text: Markdown to safe HTML, and what people write in it.
