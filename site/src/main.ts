document.querySelector("#main")!.textContent = "Passerby";
