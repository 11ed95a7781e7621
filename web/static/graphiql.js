"use strict";
// Starts the query editor. What was typed is kept for this tab only: a shared computer must not remember it.
(function () {
  const place = document.getElementById("editor");
  const fetcher = GraphiQL.createFetcher({
    url: place.dataset.url,
    headers: { "X-CSRFToken": place.dataset.token },
  });
  ReactDOM.render(
    React.createElement(GraphiQL, {
      fetcher: fetcher,
      defaultQuery: place.dataset.example,
      storage: window.sessionStorage,
      shouldPersistHeaders: false,
    }),
    place
  );
})();
