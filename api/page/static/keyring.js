// The key for this tab: kept until the tab closes, sent with every request, never written anywhere else.

const NAME = "pincite.key";

export const key = {
  get: () => sessionStorage.getItem(NAME),
  set: (value) => sessionStorage.setItem(NAME, value),
  forget: () => sessionStorage.removeItem(NAME),
};

/** The headers that a request of this tab carries. */
export function credentials() {
  const held = key.get();
  return held ? { Authorization: `Bearer ${held}` } : {};
}

/** An address of the API, in the collection that the page shows. */
export function api(path) {
  const collection = new URLSearchParams(location.search).get("collection");
  return collection ? `${path}?collection=${encodeURIComponent(collection)}` : path;
}
