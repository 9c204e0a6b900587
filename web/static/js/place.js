/** Where this phone is: watched while the page is open, with its accuracy. */

/** @typedef {{lon: number, lat: number, accuracyM: number, headingDeg: number | null, speedMps: number | null, at: number}} Fix */

/**
 * Watch the position. W3C geolocation is WGS-84 by its standard.
 * @param {(fix: Fix) => void} onFix
 * @param {(denied: boolean) => void} onError
 */
export function watchPlace(onFix, onError) {
  if (!navigator.geolocation) {
    onError(true);
    return;
  }
  navigator.geolocation.watchPosition(
    ({ coords, timestamp }) => onFix({
      lon: coords.longitude, lat: coords.latitude, accuracyM: coords.accuracy,
      headingDeg: coords.heading, speedMps: coords.speed, at: timestamp,
    }),
    (error) => onError(error.code === error.PERMISSION_DENIED),
    { enableHighAccuracy: true, maximumAge: 5000, timeout: 20_000 },
  );
}
