/** Who the server takes this browser for: a cookie that no script can read, and the token that proves it is our page. */
export class Session {
  #uid: string | null = null;
  #csrfToken: Promise<string> | undefined;

  /** The user's id as of the last answer of the server; null for nobody. */
  get uid(): string | null {
    return this.#uid;
  }

  /** The token, asked for when it is not known, or was forgotten. */
  csrfToken(): Promise<string> {
    this.#csrfToken ??= this.#ask("session").catch((error: unknown) => {
      this.#csrfToken = undefined;
      throw error;
    });
    return this.#csrfToken;
  }

  /** Asks anew next time: another tab may have logged in, or the server may have been restarted. */
  forget(): void {
    this.#csrfToken = undefined;
  }

  async logIn(uid: string): Promise<void> {
    await this.#change("login", { uid });
  }

  async logOut(): Promise<void> {
    await this.#change("logout", {});
  }

  async #change(path: string, body: object): Promise<void> {
    this.forget();
    const token = await this.csrfToken();
    const answer = this.#ask(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": token },
      body: JSON.stringify(body),
    });
    // The session behind the token changes with the user, so the token does, too.
    this.#csrfToken = answer;
    answer.catch(() => this.forget());
    await answer;
  }

  async #ask(path: string, init?: RequestInit): Promise<string> {
    const response = await fetch(path, init);
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    const { uid, csrfToken } = (await response.json()) as { uid: string | null; csrfToken: string };
    this.#uid = uid;
    return csrfToken;
  }
}
