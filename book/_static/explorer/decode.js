// The page's data: one zlib stream in base64, several arrays one after another.
(function () {
  "use strict";
  const explorer = (window.driftExplorer = window.driftExplorer || {});
  const TYPES = { uint8: Uint8Array, int32: Int32Array, float32: Float32Array };

  // A promise of {name: typed array} from what data.js sets, see drift/site/explorer.py.
  explorer.decode = async function (content) {
    const packed = Uint8Array.from(atob(content.bytes), (letter) => letter.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    const buffer = await new Response(stream).arrayBuffer();
    const arrays = {};
    let start = 0;
    for (const [name, type, shape] of content.arrays) {
      const length = shape.reduce((product, size) => product * size, 1);
      arrays[name] = new TYPES[type](buffer, start, length);
      start += Math.ceil(arrays[name].byteLength / 4) * 4;
      arrays[name].shape = shape;
    }
    return arrays;
  };

  // Row `index` of an array along its first dimension, without copying.
  explorer.row = function (array, index) {
    const size = array.length / array.shape[0];
    return array.subarray(index * size, (index + 1) * size);
  };
})();
