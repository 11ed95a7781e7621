// What the pages gain with script; everything works without it. No eval, no inline handlers, no markup from strings.
(function () {
  "use strict";
  var chosen = -1;

  function rows() { return Array.prototype.slice.call(document.querySelectorAll("[data-rows] > tr")); }

  function choose(step) {
    var all = rows();
    if (!all.length) { return; }
    if (all[chosen]) { all[chosen].classList.remove("chosen"); }
    chosen = Math.max(0, Math.min(all.length - 1, chosen + step));
    all[chosen].classList.add("chosen");
    var link = all[chosen].querySelector("a.row-link");
    if (link) { link.focus(); }
    all[chosen].scrollIntoView({ block: "nearest" });
  }

  function shortcutsOn() {
    try { return window.localStorage.getItem("shortcuts") !== "off"; } catch (e) { return true; }
  }

  function typing(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  }

  function openDialog(id) {
    var dialog = document.getElementById(id);
    if (dialog && dialog.showModal && !dialog.open) { dialog.showModal(); }
  }

  document.addEventListener("keydown", function (event) {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (!shortcutsOn() || typing(event.target) || document.querySelector("dialog[open]")) { return; }
    if (event.key === "/") {
      var search = document.querySelector("input[type=search]");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    } else if (event.key === "j") { choose(1); }
    else if (event.key === "k") { choose(-1); }
    else if (event.key === "Enter" && event.target === document.body && rows()[chosen]) {
      var link = rows()[chosen].querySelector("a.row-link");
      if (link) { link.click(); }
    } else if (event.key === "?") { event.preventDefault(); openDialog("keyboard-help"); }
  });

  document.addEventListener("click", function (event) {
    var opener = event.target.closest("[data-opens]");
    if (opener) { openDialog(opener.dataset.opens); return; }
    var closer = event.target.closest("[data-closes]");
    if (closer) { closer.closest("dialog").close(); return; }
    document.querySelectorAll("details.menu[open], details.drawer[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) { menu.open = false; }
    });
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") { return; }
    document.querySelectorAll("details.menu[open], details.drawer[open]").forEach(function (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // A second click on a slow form must not send it twice; the server holds too, by its idempotency key.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post") { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    window.setTimeout(function () { delete form.dataset.sent; }, 4000);
  });

  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-submits]")) { event.target.form.requestSubmit(); }
    if (event.target.id === "shortcuts-on") {
      try { window.localStorage.setItem("shortcuts", event.target.checked ? "on" : "off"); } catch (e) { return; }
    }
  });

  // Dropping a file on a drop zone puts it into the zone's file field.
  ["dragover", "dragleave", "drop"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      var zone = event.target.closest && event.target.closest(".drop");
      if (!zone) { return; }
      event.preventDefault();
      zone.classList.toggle("over", kind === "dragover");
      var input = zone.querySelector("input[type=file]");
      if (kind === "drop" && input && event.dataTransfer.files.length) {
        input.files = event.dataTransfer.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  });

  function say(key) {
    var place = document.getElementById("live-alert");
    if (!place) { return; }
    place.hidden = false;
    place.querySelector("div").textContent = place.dataset[key] || place.dataset.server;
  }
  document.addEventListener("htmx:sendError", function () { say("offline"); });
  document.addEventListener("htmx:timeout", function () { say("offline"); });
  document.addEventListener("htmx:responseError", function (event) {
    say(event.detail.xhr.status === 403 ? "forbidden" : "server");
  });
  document.addEventListener("htmx:load", function (event) {
    var focus = event.target !== document.body && event.target.querySelector("[data-focus]");
    if (focus) { focus.focus(); }
  });
  window.addEventListener("offline", function () { say("offline"); });
  window.addEventListener("online", function () {
    var place = document.getElementById("live-alert");
    if (place) { place.hidden = true; }
  });

  document.addEventListener("DOMContentLoaded", function () {
    var box = document.getElementById("shortcuts-on");
    if (box) { box.checked = shortcutsOn(); }
    var tab = document.querySelector(".tabs [aria-current]");
    if (tab) { tab.parentNode.scrollLeft = tab.offsetLeft - tab.parentNode.offsetLeft - 40; }
    var summary = document.querySelector(".error-summary");
    if (summary) { summary.focus(); }
  });
})();
