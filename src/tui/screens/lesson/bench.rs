//! The workbench beside a lesson's prose.

use crate::i18n::Lang;
use crate::script::{SceneRunner, ServerScene};
use crate::session::Session;
use crate::tui::moment::{Now, Playhead};
use crate::tui::widgets::View;
use crate::tui::{Navigator, Theme};

/// The workbench of a scene, now or at the moment in the past that `navigator` shows.
pub fn of<'a>(play: &'a SceneRunner, navigator: &'a Navigator, theme: &'a Theme, lang: Lang) -> View<'a> {
    let session = play.server_scene().map(ServerScene::session);
    // A lab waits for its next line; nothing runs while the past is shown.
    let now = session.map_or_else(|| Now::unknown(Playhead::Held), |session| Now::of(session, None));
    let shown = navigator.cursor.shown(play.timeline(), Now { runs_on: None, ..now });
    View {
        addr: session.map(Session::addr),
        policy: shown.world.policy().or(session.map(Session::policy)).copied(),
        taught: true,
        by_hand: session.is_none(),
        ..View::of(shown, navigator, theme, lang)
    }
}
